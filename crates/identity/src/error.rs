//! Errors of operations on accounts and their entities, with the words of AWS. (IAM API Reference, "Common Errors" and
//! the errors of each action.)

use std::fmt;
use strongroom_access::arn::Name;

/// Result of an operation.
pub type Result<T, E = IdentityError> = std::result::Result<T, E>;

/// Error of an operation. The operation changed nothing, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The entity does not exist.
    #[error("{}", .0.missing())]
    NoSuchEntity(Subject),
    /// The entity exists already.
    #[error("{}", .0.existing())]
    EntityAlreadyExists(Subject),
    /// The request would exceed a quota of the account or entity.
    #[error(transparent)]
    LimitExceeded(#[from] Limit),
    /// The entity has subordinate entities that must be removed first.
    #[error(transparent)]
    DeleteConflict(#[from] Conflict),
    /// The policy document is not valid; the reason.
    #[error("{0}")]
    MalformedPolicyDocument(String),
    /// A value of the request is not valid; the reason.
    #[error("{0}")]
    InvalidInput(String),
    /// The policy belongs to no account and cannot be changed.
    #[error("Policy {0} belongs to all accounts and cannot be changed.")]
    UnmodifiablePolicy(String),
    /// The password is too short or too long.
    #[error("Password should have a minimum length of {min} characters and a maximum of {max}.")]
    PasswordPolicyViolation {
        /// Minimum number of characters.
        min: usize,
        /// Maximum number of characters.
        max: usize,
    },
    /// Other requests committed first, too many times in a row.
    #[error(
        "The request was rejected because multiple requests to change this entity were submitted simultaneously."
    )]
    ConcurrentModification,
    /// There is no memory to hash a password.
    #[error("there is no memory to hash the password; try again")]
    NoMemory,
    /// The store failed, or a row is damaged. A change may or may not have taken effect.
    #[error(transparent)]
    Rows(#[from] strongroom_rows::Error),
    /// No random bytes were available.
    #[error("encryption failed: {0}")]
    Random(#[from] strongroom_seal::Error),
}

/// An entity that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An account, by its id, name or alias.
    Account(String),
    /// An alias of an account.
    Alias(String),
    /// A user.
    User(Name),
    /// A group.
    Group(Name),
    /// A role.
    Role(Name),
    /// A managed policy, by its ARN.
    Policy(String),
    /// A managed policy, by its name.
    PolicyName(Name),
    /// A version of a managed policy: its ARN and the number.
    PolicyVersion(String, u32),
    /// An inline policy of a user, group or role.
    InlinePolicy(&'static str, Name),
    /// A managed policy, by its ARN, that is not attached.
    Attachment(String),
    /// A permissions boundary of a user or role.
    Boundary(Name),
    /// An access key, by its id.
    AccessKey(String),
    /// The password of a user.
    LoginProfile(Name),
    /// An identity provider of OIDC, by its ARN.
    Provider(String),
    /// An entity, by its unique id.
    Id(String),
}

impl Subject {
    fn missing(&self) -> String {
        match self {
            Self::PolicyName(name) => format!("Policy {name} was not found."),
            Self::Policy(arn) => format!("Policy {arn} does not exist or is not attachable."),
            Self::PolicyVersion(arn, number) => format!("Policy {arn} version v{number} does not exist."),
            Self::Attachment(arn) => format!("Policy {arn} was not found."),
            Self::Boundary(name) => format!("The permissions boundary of {name} cannot be found."),
            Self::LoginProfile(name) => format!("Login Profile for User {name} cannot be found."),
            Self::Provider(arn) => format!("OpenIDConnect Provider not found for arn {arn}"),
            _ => format!("The {self} cannot be found."),
        }
    }

    fn existing(&self) -> String {
        match self {
            Self::PolicyName(name) => {
                format!("A policy called {name} already exists. Duplicate names are not allowed.")
            }
            Self::LoginProfile(name) => format!("Login Profile for user {name} already exists."),
            Self::Provider(arn) => format!("Provider with url {arn} already exists."),
            _ => {
                let text = self.to_string();
                let mut letters = text.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                let text: String = first.into_iter().chain(letters).collect();
                format!("{text} already exists.")
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(name) => write!(f, "account {name}"),
            Self::Alias(alias) => write!(f, "account alias {alias}"),
            Self::User(name) => write!(f, "user with name {name}"),
            Self::Group(name) => write!(f, "group with name {name}"),
            Self::Role(name) => write!(f, "role with name {name}"),
            Self::Policy(arn) | Self::Attachment(arn) => write!(f, "policy {arn}"),
            Self::PolicyName(name) => write!(f, "policy {name}"),
            Self::PolicyVersion(arn, number) => write!(f, "version v{number} of policy {arn}"),
            Self::InlinePolicy(holder, name) => write!(f, "{holder} policy with name {name}"),
            Self::Boundary(name) => write!(f, "permissions boundary of {name}"),
            Self::AccessKey(id) => write!(f, "Access Key with id {id}"),
            Self::LoginProfile(name) => write!(f, "login profile of user {name}"),
            Self::Provider(arn) => write!(f, "identity provider {arn}"),
            Self::Id(id) => write!(f, "entity with id {id}"),
        }
    }
}

/// A quota that a request would exceed. (IAM User Guide, "IAM and AWS STS quotas".)
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// A number of entities: the name of the quota, and its value.
    #[error("Cannot exceed quota for {0}: {1}")]
    Quota(&'static str, usize),
    /// The characters of the inline policies of an entity, without white space: the maximum, and the entity.
    #[error("Maximum policy size of {0} bytes exceeded for {1} {2}")]
    InlineSize(usize, &'static str, Name),
    /// The versions of a managed policy.
    #[error(
        "A managed policy can have up to {0} versions. Before you create a new version, you must delete an existing \
         version."
    )]
    PolicyVersions(usize),
}

/// Reason why an entity cannot be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Access keys are left.
    #[error("Cannot delete entity, must delete access keys first.")]
    AccessKeys,
    /// The user has a password.
    #[error("Cannot delete entity, must delete login profile first.")]
    LoginProfile,
    /// Inline policies are left.
    #[error("Cannot delete entity, must delete policies first.")]
    InlinePolicies,
    /// Attached policies are left.
    #[error("Cannot delete entity, must detach all policies first.")]
    AttachedPolicies,
    /// The user is a member of groups.
    #[error("Cannot delete entity, must remove users from group first.")]
    Groups,
    /// The group has members.
    #[error("Cannot delete entity, must remove users from group first.")]
    Members,
    /// The policy is attached, or is a boundary.
    #[error("Cannot delete a policy attached to entities.")]
    Attached,
    /// The policy has versions beside the default one.
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The \
         default version is deleted with the policy."
    )]
    Versions,
    /// The version is the default one.
    #[error("Cannot delete the default version of a policy.")]
    DefaultVersion,
    /// The account has users, groups, roles, policies or identity providers.
    #[error(
        "Cannot delete the account: delete its users, groups, roles, policies and identity providers first."
    )]
    Account,
    /// The account is the first one.
    #[error("Cannot delete the first account.")]
    FirstAccount,
}
