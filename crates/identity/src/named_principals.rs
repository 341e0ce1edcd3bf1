//! Users and roles that policies name as principals.
//!
//! Stored policies name them by their unique ids, so that a new user with the name of a deleted one has none of its
//! rights. (IAM User Guide, "AWS JSON policy elements: Principal".)

use crate::error::{IdentityError, Result};
use crate::identities::Identities;
use crate::key;
use crate::model::entity::Entity;
use crate::model::links::EntityLink;
use crate::model::role::Role;
use crate::model::user::User;
use std::collections::BTreeMap;
use strongroom_access::arn::{Arn, EntityId, EntityKind};
use strongroom_access::policy::{Policy, PolicyError, PolicyKind, Replacement};

impl Identities {
    /// Replaces the ARNs of users and roles in the principals of a bucket policy or trust policy by their unique ids, to
    /// store it.
    ///
    /// # Errors
    /// [`IdentityError::MalformedPolicyDocument`] if the text cannot be read, or names a user or role that does not exist, by
    /// its ARN or its unique id.
    pub async fn principals_to_ids(&self, text: &str, kind: PolicyKind<'_>) -> Result<String> {
        let mut ids = BTreeMap::new();
        for name in principals(text, kind)? {
            let found = match Arn::parse(&name) {
                Ok(Arn::User { account, path, name }) => {
                    let user = self.row::<User>(&key::entity(User::WORD, account, &name)).await?;
                    user.filter(|found| found.record.path == path)
                        .map(|found| found.record.id)
                }
                Ok(Arn::Role { account, path, name }) => {
                    let role = self.row::<Role>(&key::entity(Role::WORD, account, &name)).await?;
                    role.filter(|found| found.record.path == path)
                        .map(|found| found.record.id)
                }
                // An id that is written in place of an ARN must be one too: that of a deleted user names nobody.
                _ => match EntityId::parse(&name) {
                    Ok(id) => self.row::<EntityLink>(&key::id(id)).await?.map(|_| id),
                    Err(_) => continue,
                },
            };
            ids.insert(name, found);
        }
        let replace = |name: &str| match ids.get(name) {
            Some(Some(id)) => Replacement::With(id.to_string()),
            Some(None) => Replacement::Invalid,
            None => Replacement::Keep,
        };
        Policy::replace_principals(text, kind, replace).map_err(|error| malformed(&error))
    }

    /// Replaces unique ids in the principals of a stored policy by the ARNs of their users and roles, to show it. The ids
    /// of deleted ones stay, as on AWS.
    ///
    /// # Errors
    /// [`IdentityError::MalformedPolicyDocument`] if the text cannot be read; [`IdentityError::Rows`].
    pub async fn principals_to_arns(&self, text: &str, kind: PolicyKind<'_>) -> Result<String> {
        let mut arns = BTreeMap::new();
        for name in principals(text, kind)? {
            let Ok(id) = EntityId::parse(&name) else { continue };
            let arn = match id.kind() {
                EntityKind::User => {
                    let found = self.find_by_id::<User>(id).await?;
                    found.map(|(account, found)| found.record.arn(account))
                }
                EntityKind::Role => {
                    let found = self.find_by_id::<Role>(id).await?;
                    found.map(|(account, found)| found.record.arn(account))
                }
                EntityKind::Group | EntityKind::Policy => None,
            };
            if let Some(arn) = arn {
                arns.insert(name, arn.to_string());
            }
        }
        let replace = |name: &str| match arns.get(name) {
            Some(arn) => Replacement::With(arn.clone()),
            None => Replacement::Keep,
        };
        Policy::replace_principals(text, kind, replace).map_err(|error| malformed(&error))
    }
}

/// Returns the principals of the kind `AWS` in the text of a policy.
fn principals(text: &str, kind: PolicyKind<'_>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let note = |name: &str| {
        names.push(name.to_owned());
        Replacement::Keep
    };
    Policy::replace_principals(text, kind, note).map_err(|error| malformed(&error))?;
    Ok(names)
}

fn malformed(error: &PolicyError) -> IdentityError {
    IdentityError::MalformedPolicyDocument(error.to_string())
}
