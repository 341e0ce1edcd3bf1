//! Users, groups and roles of a managed policy.

use crate::attachments::Usage;
use crate::error::Result;
use crate::identities::Identities;
use crate::key;
use crate::model::entity::Entity;
use crate::model::group::Group;
use crate::model::links::EntityLink;
use crate::model::policy::ManagedPolicy;
use crate::model::role::Role;
use crate::model::user::User;
use crate::page::{Page, Part};
use strongroom_access::arn::{AccountId, EntityId, EntityKind, Name};
use strongroom_rows::Pages;

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
    /// Lists the users, groups and roles that a managed policy is attached to, or is the boundary of: groups, then roles,
    /// then users, each in the order of their names. (IAM API Reference, "`ListEntitiesForPolicy`".)
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`], [`crate::IdentityError::InvalidInput`].
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
