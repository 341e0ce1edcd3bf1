//! References to managed policies: those of an account, and those that all accounts have.

use crate::aws_managed::{self, AwsManaged};
use crate::error::{IdentityError, Result, Subject};
use strongroom_access::arn::{AccountId, Arn, Name, Path};

/// Managed policy that an ARN refers to.
pub(crate) enum PolicyRef {
    /// A policy that all accounts have.
    Aws(&'static AwsManaged),
    /// A policy of the account.
    Own {
        /// Path in the ARN, which must be the policy's.
        path: Path,
        /// Name.
        name: Name,
    },
}

impl PolicyRef {
    /// Parses an ARN for a request of `account`.
    ///
    /// # Errors
    /// [`IdentityError::InvalidInput`] for a text that is not the ARN of a policy; [`IdentityError::NoSuchEntity`] for a
    /// policy of another account, and for one of all accounts that does not exist.
    pub(crate) fn parse(account: AccountId, arn: &str) -> Result<Self> {
        let missing = || IdentityError::NoSuchEntity(Subject::Policy(arn.to_owned()));
        match Arn::parse(arn) {
            Ok(Arn::Policy {
                account: Some(owner),
                path,
                name,
            }) if owner == account => Ok(Self::Own { path, name }),
            Ok(Arn::Policy { account: None, .. }) => {
                aws_managed::by_arn(arn).map(Self::Aws).ok_or_else(missing)
            }
            Ok(Arn::Policy { .. }) => Err(missing()),
            _ => Err(IdentityError::InvalidInput(format!("ARN {arn} is not valid."))),
        }
    }

    /// Returns the name of the policy in rows: its folded name, after `aws:` for a policy that all accounts have. Names
    /// contain no colon, so the two never meet.
    pub(crate) fn row_name(&self) -> String {
        match self {
            Self::Aws(policy) => Self::row_name_of_aws(policy),
            Self::Own { name, .. } => name.folded(),
        }
    }

    /// Returns the name in rows of a policy that all accounts have.
    pub(crate) fn row_name_of_aws(policy: &AwsManaged) -> String {
        format!("aws:{}", policy.name.to_ascii_lowercase())
    }
}

/// Returns the name in the ARN of a policy.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Returns the path in the ARN of a policy.
pub(crate) fn path_of(arn: &str) -> &str {
    let path_and_name = arn.split_once(":policy").map_or("/", |(_, rest)| rest);
    match path_and_name.rfind('/') {
        Some(slash) => path_and_name.get(..=slash).unwrap_or("/"),
        None => "/",
    }
}
