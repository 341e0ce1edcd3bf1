//! Identifiers of accounts and their entities: account ids, canonical ids, unique ids, names, paths and ARNs.
//!
//! (IAM User Guide, "IAM identifiers" and "IAM and AWS STS quotas"; IAM API Reference, patterns of the parameters.)
//!
//! ```
//! use strongroom_access::arn::{AccountId, Arn, Name, Path};
//!
//! let account = AccountId::parse("123456789012")?;
//! let arn = Arn::User { account, path: Path::parse("/staff/")?, name: Name::of_user("ann")? };
//! assert_eq!(arn.to_string(), "arn:aws:iam::123456789012:user/staff/ann");
//! assert_eq!(Arn::parse("arn:aws:iam::123456789012:user/staff/ann")?, arn);
//! # Ok::<(), strongroom_access::arn::InvalidIdentifier>(())
//! ```

pub use account_id::{AccountId, CanonicalId};
pub use entity_id::{EntityId, EntityKind};
pub use error::InvalidIdentifier;
pub use name::{Name, Path};

use std::fmt;

mod account_id;
mod entity_id;
mod error;
mod name;
#[cfg(test)]
mod tests;

/// ARN of an entity of IAM or STS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Arn {
    /// An account, and its root user: `arn:aws:iam::<account>:root`.
    Root(AccountId),
    /// A user: `arn:aws:iam::<account>:user<path><name>`.
    User {
        /// Account of the user.
        account: AccountId,
        /// Path of the user.
        path: Path,
        /// Name of the user.
        name: Name,
    },
    /// A group: `arn:aws:iam::<account>:group<path><name>`.
    Group {
        /// Account of the group.
        account: AccountId,
        /// Path of the group.
        path: Path,
        /// Name of the group.
        name: Name,
    },
    /// A role: `arn:aws:iam::<account>:role<path><name>`.
    Role {
        /// Account of the role.
        account: AccountId,
        /// Path of the role.
        path: Path,
        /// Name of the role.
        name: Name,
    },
    /// A managed policy: `arn:aws:iam::<account>:policy<path><name>`.
    Policy {
        /// Account of the policy. `None`: a policy that all accounts have, written as the account `aws`.
        account: Option<AccountId>,
        /// Path of the policy.
        path: Path,
        /// Name of the policy.
        name: Name,
    },
    /// A session of a role: `arn:aws:sts::<account>:assumed-role/<role>/<session>`, without the path of the role.
    AssumedRole {
        /// Account of the role.
        account: AccountId,
        /// Name of the role.
        role: Name,
        /// Name of the session.
        session: Name,
    },
    /// An OIDC identity provider: `arn:aws:iam::<account>:oidc-provider/<issuer>`.
    OidcProvider {
        /// Account of the provider.
        account: AccountId,
        /// URL of the issuer without `https://`.
        issuer: String,
    },
}

impl Arn {
    /// Parses the ARN of an entity.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Arn`] for other ARNs and for other texts; the errors of ids, names and paths for these.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let invalid = || InvalidIdentifier::Arn(text.to_owned());
        let rest = text.strip_prefix("arn:aws:").ok_or_else(invalid)?;
        let (service, rest) = rest.split_once("::").ok_or_else(invalid)?;
        let (account, resource) = rest.split_once(':').ok_or_else(invalid)?;
        if (service, resource) == ("iam", "root") {
            return Ok(Self::Root(AccountId::parse(account)?));
        }
        let slash = resource.find('/').ok_or_else(invalid)?;
        // The path begins with the slash after the kind of the resource.
        let (kind, path_and_name) = resource.split_at(slash);
        match (service, kind) {
            ("iam", "user") => {
                let (path, name) = split_name(path_and_name).ok_or_else(invalid)?;
                Ok(Self::User {
                    account: AccountId::parse(account)?,
                    path: Path::parse(path)?,
                    name: Name::of_user(name)?,
                })
            }
            ("iam", "group") => {
                let (path, name) = split_name(path_and_name).ok_or_else(invalid)?;
                Ok(Self::Group {
                    account: AccountId::parse(account)?,
                    path: Path::parse(path)?,
                    name: Name::of_group(name)?,
                })
            }
            ("iam", "role") => {
                let (path, name) = split_name(path_and_name).ok_or_else(invalid)?;
                Ok(Self::Role {
                    account: AccountId::parse(account)?,
                    path: Path::parse(path)?,
                    name: Name::of_role(name)?,
                })
            }
            ("iam", "policy") => {
                let (path, name) = split_name(path_and_name).ok_or_else(invalid)?;
                let account = match account {
                    "aws" => None,
                    id => Some(AccountId::parse(id)?),
                };
                Ok(Self::Policy {
                    account,
                    path: Path::of_policy(path)?,
                    name: Name::of_policy(name)?,
                })
            }
            ("iam", "oidc-provider") => {
                let issuer = path_and_name.get(1..).unwrap_or_default();
                if issuer.is_empty() || !issuer.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(invalid());
                }
                Ok(Self::OidcProvider {
                    account: AccountId::parse(account)?,
                    issuer: issuer.to_owned(),
                })
            }
            ("sts", "assumed-role") => {
                let names = path_and_name.get(1..).unwrap_or_default();
                let (role, session) = names.split_once('/').ok_or_else(invalid)?;
                Ok(Self::AssumedRole {
                    account: AccountId::parse(account)?,
                    role: Name::of_role(role)?,
                    session: Name::of_session(session)?,
                })
            }
            _ => Err(invalid()),
        }
    }

    /// Returns the account of the entity; `None` for a policy that all accounts have.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Root(account)
            | Self::User { account, .. }
            | Self::Group { account, .. }
            | Self::Role { account, .. }
            | Self::AssumedRole { account, .. }
            | Self::OidcProvider { account, .. } => Some(*account),
            Self::Policy { account, .. } => *account,
        }
    }
}

/// Splits a text after its last slash: path and name.
fn split_name(text: &str) -> Option<(&str, &str)> {
    text.rfind('/').map(|slash| text.split_at(slash + 1))
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(account) => write!(f, "arn:aws:iam::{account}:root"),
            Self::User { account, path, name } => write!(f, "arn:aws:iam::{account}:user{path}{name}"),
            Self::Group { account, path, name } => write!(f, "arn:aws:iam::{account}:group{path}{name}"),
            Self::Role { account, path, name } => write!(f, "arn:aws:iam::{account}:role{path}{name}"),
            Self::Policy {
                account: Some(account),
                path,
                name,
            } => write!(f, "arn:aws:iam::{account}:policy{path}{name}"),
            Self::Policy {
                account: None,
                path,
                name,
            } => write!(f, "arn:aws:iam::aws:policy{path}{name}"),
            Self::AssumedRole {
                account,
                role,
                session,
            } => write!(f, "arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            Self::OidcProvider { account, issuer } => {
                write!(f, "arn:aws:iam::{account}:oidc-provider/{issuer}")
            }
        }
    }
}
