//! Creation, changes and deletion of entities: users, groups, roles and managed policies.

use crate::error::{Conflict, IdentityError, Limit, Result};
use crate::identities::Identities;
use crate::key;
use crate::lookup::{replace, replace_account};
use crate::model::account::Account;
use crate::model::entity::{Entity, Holder, Tagged};
use crate::model::links::EntityLink;
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, EntityId, EntityKind, Name};
use strongroom_rows::{Batch, Found};
use strongroom_seal::random;

impl Identities {
    /// Returns a new unique id.
    pub(crate) fn new_id(&self, kind: EntityKind) -> Result<EntityId> {
        Ok(EntityId::from_random(kind, &random::bytes(&*self.random)?))
    }

    /// Adds the rows of a new entity to a batch: its own, its link, and the account with one more of its kind.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::LimitExceeded`]; [`IdentityError::NoSuchEntity`] for the
    /// account.
    pub(crate) async fn add<E: Entity>(
        &self,
        batch: &mut Batch,
        account: AccountId,
        entity: &E,
    ) -> Result<()> {
        let row = key::entity(E::WORD, account, entity.name());
        if self.row::<E>(&row).await?.is_some() {
            return Err(IdentityError::EntityAlreadyExists(E::subject(
                entity.name().clone(),
            )));
        }
        let found = self.find_account(account).await?;
        let mut counted = found.record.clone();
        let count = E::count(&mut counted.usage);
        let (quota, max) = E::QUOTA;
        if usize::try_from(*count).unwrap_or(usize::MAX) >= max {
            return Err(Limit::Quota(quota, max).into());
        }
        *count += 1;
        replace_account(batch, &found, &counted)?;
        batch.expect::<E>(row.clone(), None);
        batch.put(row, entity)?;
        batch.put(key::id(entity.id()), &link(account, entity))?;
        Ok(())
    }

    /// Adds the removal of an entity's own rows to a batch, and the account with one less of its kind.
    pub(crate) async fn take_away<E: Entity>(
        &self,
        batch: &mut Batch,
        account: AccountId,
        found: &Found<E>,
    ) -> Result<()> {
        let counted: Found<Account> = self.find_account(account).await?;
        let mut new = counted.record.clone();
        let count = E::count(&mut new.usage);
        *count = count.saturating_sub(1);
        replace_account(batch, &counted, &new)?;
        let row = key::entity(E::WORD, account, found.record.name());
        batch.expect(row.clone(), Some(found));
        batch.delete(row);
        batch.delete(key::id(found.record.id()));
        Ok(())
    }

    /// Changes an entity that keeps its name, in one row.
    pub(crate) async fn change<E: Entity>(
        &self,
        account: AccountId,
        name: &Name,
        change: impl Fn(&mut E) -> Result<()> + Send + Sync,
    ) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<E>(account, name).await?;
            let mut entity = found.record.clone();
            change(&mut entity)?;
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &entity)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Adds tags to a user, role or managed policy, and replaces those of the same keys.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::LimitExceeded`].
    pub async fn tag<E: Tagged>(&self, account: AccountId, name: &Name, tags: &Tags) -> Result<()> {
        self.change::<E>(account, name, |entity| entity.tags_mut().merge(tags))
            .await
    }

    /// Removes tags of a user, role or managed policy; other keys have no effect.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn untag<E: Tagged>(&self, account: AccountId, name: &Name, keys: &[String]) -> Result<()> {
        self.change::<E>(account, name, |entity| {
            entity.tags_mut().remove(keys);
            Ok(())
        })
        .await
    }
}

/// Returns the link to an entity.
pub(crate) fn link<E: Entity>(account: AccountId, entity: &E) -> EntityLink {
    EntityLink {
        account,
        name: entity.name().clone(),
        id: entity.id(),
    }
}

/// Refuses to delete an entity that has policies.
pub(crate) fn require_no_policies<H: Holder>(holder: &H) -> Result<()> {
    if !holder.policies().attached.is_empty() {
        return Err(Conflict::AttachedPolicies.into());
    }
    if !holder.policies().inline.is_empty() {
        return Err(Conflict::InlinePolicies.into());
    }
    Ok(())
}
