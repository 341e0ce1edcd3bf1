//! Managed policies of users, groups and roles: attached, or as permissions boundary.
//!
//! An attachment is in the record of its holder, counted in the record of its policy, and a row of its own for listings
//! by policy. One commit changes all three.

use crate::entities::link;
use crate::error::{IdentityError, Limit, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::limits::MAX_ATTACHED;
use crate::lookup::replace;
use crate::model::entity::{Bounded, Entity, Holder};
use crate::model::group::Group;
use crate::model::links::EntityLink;
use crate::model::policy::ManagedPolicy;
use crate::model::role::Role;
use crate::model::user::User;
use crate::page::{Page, Part};
use crate::reference::{PolicyRef, name_of, path_of};
use strongroom_access::arn::{AccountId, EntityId, EntityKind, Name};
use strongroom_rows::{Batch, Pages};

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

/// Entity that a managed policy is attached to, or is the boundary of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyHolder {
    /// Kind: user, group or role.
    pub kind: EntityKind,
    /// Name.
    pub name: Name,
    /// Unique id.
    pub id: EntityId,
}

/// Filter of a listing of the entities of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderFilter {
    /// Only this kind.
    pub kind: Option<EntityKind>,
    /// Usage of the policy.
    pub usage: Usage,
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

    /// Lists the users, groups and roles that a managed policy is attached to, or is the boundary of: groups, then roles,
    /// then users, each in the order of their names. (IAM API Reference, "ListEntitiesForPolicy".)
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn holders(
        &self,
        account: AccountId,
        arn: &str,
        filter: HolderFilter,
        part: Part<'_>,
    ) -> Result<Page<PolicyHolder>> {
        let policy = self.policy_of(account, arn).await?;
        let limit = part.limit.max(1);
        let mut entries = Vec::new();
        for word in [Group::WORD, Role::WORD, User::WORD] {
            let kind = kind_of(word);
            if filter.kind.is_some_and(|wanted| wanted != kind) {
                continue;
            }
            // The marker is the word of the kind and the folded name.
            let after = match part.after.split_once('/') {
                Some((reached, _)) if reached > word => continue,
                Some((reached, name)) if reached == word => name,
                _ => "",
            };
            let prefix = key::holders(account, &policy.row_name, filter.usage.word(), word);
            let mut after = after.to_owned();
            loop {
                let rest = Part {
                    path_prefix: "",
                    after: &after,
                    limit,
                };
                let page: Page<EntityLink> = self
                    .page(&prefix, rest, |_| true, |link: &EntityLink| link.name.folded())
                    .await?;
                for found in page.entries {
                    if !self
                        .is_within(account, word, &found.name, part.path_prefix)
                        .await?
                    {
                        continue;
                    }
                    if entries.len() == limit {
                        let next = entries.last().map(|last: &PolicyHolder| {
                            [word_of(last.kind), "/", &last.name.folded()].concat()
                        });
                        return Ok(Page { entries, next });
                    }
                    entries.push(PolicyHolder {
                        kind,
                        name: found.name,
                        id: found.id,
                    });
                }
                match page.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
        }
        Ok(Page { entries, next: None })
    }

    /// Returns whether the path of an entity begins with `prefix`.
    async fn is_within(&self, account: AccountId, word: &str, name: &Name, prefix: &str) -> Result<bool> {
        if prefix.is_empty() || prefix == "/" {
            return Ok(true);
        }
        let path = match word {
            Group::WORD => self.get::<Group>(account, name).await?.path,
            Role::WORD => self.get::<Role>(account, name).await?.path,
            _ => self.get::<User>(account, name).await?.path,
        };
        Ok(path.as_str().starts_with(prefix))
    }

    /// Returns the number of entities that use a policy that all accounts have.
    pub(crate) async fn count_holders(
        &self,
        account: AccountId,
        row_name: &str,
        usage: Usage,
    ) -> Result<u32> {
        let mut count = 0;
        for word in [Group::WORD, Role::WORD, User::WORD] {
            let prefix = key::holders(account, row_name, usage.word(), word);
            count += Pages::<EntityLink>::new(&self.partition, prefix.into())
                .count()
                .await?;
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Finds a policy of the account, or one that all accounts have.
    async fn policy_of(&self, account: AccountId, arn: &str) -> Result<Referred> {
        let mut unused = self.batch();
        self.count(&mut unused, account, arn, Usage::Attached, 0).await
    }

    /// Finds a policy, and adds its record with one use more or less to a batch. The uses of policies that all accounts
    /// have are not counted: nobody can delete those.
    async fn count(
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
struct Referred {
    /// ARN as it is stored.
    arn: String,
    /// Name in rows.
    row_name: String,
}

/// Returns the marker of a policy in a listing of attached policies.
fn marker_of(arn: &str) -> String {
    // A policy of all accounts may have the same name as one of the account.
    [&name_of(arn).to_ascii_lowercase(), " ", arn].concat()
}

fn kind_of(word: &str) -> EntityKind {
    match word {
        Group::WORD => EntityKind::Group,
        Role::WORD => EntityKind::Role,
        _ => EntityKind::User,
    }
}

fn word_of(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Group => Group::WORD,
        EntityKind::Role => Role::WORD,
        EntityKind::User => User::WORD,
        EntityKind::Policy => ManagedPolicy::WORD,
    }
}
