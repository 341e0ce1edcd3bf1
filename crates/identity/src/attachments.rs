//! Managed policies attached to users, groups and roles.
//!
//! An attachment is in the record of its holder, counted in the record of its policy, and a row of its own for listings
//! by policy. One commit changes all three.

use crate::entities::link;
use crate::error::{IdentityError, Limit, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::limits::MAX_ATTACHED;
use crate::lookup::replace;
use crate::model::entity::{Entity, Holder};
use crate::model::policy::ManagedPolicy;
use crate::page::{Page, Part};
use crate::reference::{PolicyRef, name_of, path_of};
use strongroom_access::arn::{AccountId, Name};
use strongroom_rows::Batch;

/// Usage of a managed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Attached: it allows and denies.
    Attached,
    /// Permissions boundary: it limits what other policies allow.
    Boundary,
}

impl Usage {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Attached => "attached",
            Self::Boundary => "boundary",
        }
    }
}

/// Managed policy that is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// Name of the policy.
    pub name: String,
    /// ARN of the policy.
    pub arn: String,
}

impl Identities {
    /// Attaches a managed policy to a user, group or role. Has no effect if it is attached already.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the entity and the policy; [`IdentityError::LimitExceeded`] for more than 10
    /// policies; [`IdentityError::InvalidInput`].
    pub async fn attach<H: Holder>(&self, account: AccountId, name: &Name, arn: &str) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<H>(account, name).await?;
            let mut batch = self.batch();
            let policy = self.count(&mut batch, account, arn, Usage::Attached, 1).await?;
            let mut holder = found.record.clone();
            let attached = &mut holder.policies_mut().attached;
            if attached.contains(&policy.arn) {
                return Ok(());
            }
            if attached.len() >= MAX_ATTACHED {
                return Err(Limit::Quota(H::ATTACHED_QUOTA, MAX_ATTACHED).into());
            }
            attached.push(policy.arn.clone());
            attached.sort_by_key(|arn| marker_of(arn));
            replace(&mut batch, account, &found, &holder)?;
            batch.put(
                key::holder(
                    account,
                    &policy.row_name,
                    Usage::Attached.word(),
                    H::WORD,
                    holder.name(),
                ),
                &link(account, &holder),
            )?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Detaches a managed policy from a user, group or role.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the entity, and if the policy is not attached to it.
    pub async fn detach<H: Holder>(&self, account: AccountId, name: &Name, arn: &str) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<H>(account, name).await?;
            let mut batch = self.batch();
            let policy = self.count(&mut batch, account, arn, Usage::Attached, -1).await?;
            let mut holder = found.record.clone();
            let attached = &mut holder.policies_mut().attached;
            let Some(at) = attached.iter().position(|attached| *attached == policy.arn) else {
                return Err(IdentityError::NoSuchEntity(Subject::Attachment(arn.to_owned())));
            };
            attached.remove(at);
            replace(&mut batch, account, &found, &holder)?;
            batch.delete(key::holder(
                account,
                &policy.row_name,
                Usage::Attached.word(),
                H::WORD,
                holder.name(),
            ));
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Lists the managed policies attached to a user, group or role, in the order of their names.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn attached<H: Holder>(
        &self,
        account: AccountId,
        name: &Name,
        part: Part<'_>,
    ) -> Result<Page<AttachedPolicy>> {
        let holder = self.get::<H>(account, name).await?;
        let attached = holder.policies().attached.iter();
        let within = attached.filter(|arn| path_of(arn).starts_with(part.path_prefix));
        let entries = within.map(|arn| AttachedPolicy {
            name: name_of(arn).to_owned(),
            arn: arn.clone(),
        });
        Ok(Page::of(entries, part, |policy| marker_of(&policy.arn)))
    }

    /// Finds a policy of the account, or one that all accounts have.
    pub(crate) async fn policy_of(&self, account: AccountId, arn: &str) -> Result<Referred> {
        let mut unused = self.batch();
        self.count(&mut unused, account, arn, Usage::Attached, 0).await
    }

    /// Finds a policy, and adds its record with one use more or less to a batch. The uses of policies that all accounts
    /// have are not counted: nobody can delete those.
    pub(crate) async fn count(
        &self,
        batch: &mut Batch,
        account: AccountId,
        arn: &str,
        usage: Usage,
        change: i32,
    ) -> Result<Referred> {
        let policy = PolicyRef::parse(account, arn)?;
        let row_name = policy.row_name();
        let (path, name) = match policy {
            PolicyRef::Aws(policy) => {
                return Ok(Referred {
                    arn: policy.arn.to_owned(),
                    row_name,
                });
            }
            PolicyRef::Own { path, name } => (path, name),
        };
        let missing = || IdentityError::NoSuchEntity(Subject::Policy(arn.to_owned()));
        let found = self
            .row::<ManagedPolicy>(&key::entity(ManagedPolicy::WORD, account, &name))
            .await?;
        let found = found
            .filter(|found| found.record.path == path)
            .ok_or_else(missing)?;
        let mut counted = found.record.clone();
        let uses = match usage {
            Usage::Attached => &mut counted.attachments,
            Usage::Boundary => &mut counted.boundaries,
        };
        *uses = uses.saturating_add_signed(change);
        replace(batch, account, &found, &counted)?;
        Ok(Referred {
            arn: counted.arn(account).to_string(),
            row_name,
        })
    }
}

/// Managed policy that a request refers to.
pub(crate) struct Referred {
    /// ARN as it is stored.
    pub(crate) arn: String,
    /// Name in rows.
    pub(crate) row_name: String,
}

/// Returns the marker of a policy in a listing of attached policies.
fn marker_of(arn: &str) -> String {
    // A policy of all accounts may have the same name as one of the account.
    [&name_of(arn).to_ascii_lowercase(), " ", arn].concat()
}
