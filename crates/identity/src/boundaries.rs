//! Permissions boundaries of users and roles.

use crate::attachments::Usage;
use crate::entities::link;
use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::lookup::replace;
use crate::model::entity::Bounded;
use strongroom_access::arn::{AccountId, Name};
use strongroom_rows::Batch;

impl Identities {
    /// Sets the permissions boundary of a user or role. `arn`: a managed policy; `None` removes the boundary.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the entity, the policy, and if there is no boundary to remove.
    pub async fn set_boundary<B: Bounded>(
        &self,
        account: AccountId,
        name: &Name,
        arn: Option<&str>,
    ) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<B>(account, name).await?;
            let old = &found.record;
            if arn.is_none() && old.boundary().is_none() {
                return Err(IdentityError::NoSuchEntity(Subject::Boundary(old.name().clone())));
            }
            let mut new = old.clone();
            let mut batch = self.batch();
            let same = match (old.boundary(), arn) {
                (Some(old), Some(new)) => self.policy_of(account, new).await?.arn == old,
                _ => false,
            };
            if same {
                return Ok(());
            }
            self.take_boundary_away(&mut batch, account, old).await?;
            new.set_boundary(self.add_boundary(&mut batch, account, old, arn).await?);
            replace(&mut batch, account, &found, &new)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Adds the use of a boundary to a batch. Returns its ARN as it is stored.
    pub(crate) async fn add_boundary<B: Bounded>(
        &self,
        batch: &mut Batch,
        account: AccountId,
        holder: &B,
        arn: Option<&str>,
    ) -> Result<Option<String>> {
        let Some(arn) = arn else {
            return Ok(None);
        };
        let policy = self.count(batch, account, arn, Usage::Boundary, 1).await?;
        batch.put(
            key::holder(
                account,
                &policy.row_name,
                Usage::Boundary.word(),
                B::WORD,
                holder.name(),
            ),
            &link(account, holder),
        )?;
        Ok(Some(policy.arn))
    }

    /// Adds the end of the use of a boundary to a batch.
    pub(crate) async fn take_boundary_away<B: Bounded>(
        &self,
        batch: &mut Batch,
        account: AccountId,
        holder: &B,
    ) -> Result<()> {
        if let Some(arn) = holder.boundary() {
            let policy = self.count(batch, account, arn, Usage::Boundary, -1).await?;
            let row = key::holder(
                account,
                &policy.row_name,
                Usage::Boundary.word(),
                B::WORD,
                holder.name(),
            );
            batch.delete(row);
        }
        Ok(())
    }
}
