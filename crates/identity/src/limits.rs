//! Quotas, as on AWS. (IAM User Guide, "IAM and AWS STS quotas".)

/// Maximum number of users in an account.
pub const MAX_USERS: usize = 5000;
/// Maximum number of groups in an account.
pub const MAX_GROUPS: usize = 300;
/// Maximum number of roles in an account.
pub const MAX_ROLES: usize = 1000;
/// Maximum number of managed policies in an account.
pub const MAX_POLICIES: usize = 1500;
/// Maximum number of identity providers of OIDC in an account.
pub const MAX_PROVIDERS: usize = 100;
/// Maximum number of access keys of a user, and of the root user, unless the account has another limit.
pub const MAX_ACCESS_KEYS: u32 = 2;
/// Maximum number of groups that a user is a member of.
pub const MAX_GROUPS_OF_USER: usize = 10;
/// Maximum number of managed policies attached to a user, group or role.
pub const MAX_ATTACHED: usize = 10;
/// Maximum number of versions of a managed policy.
pub const MAX_VERSIONS: usize = 5;
/// Maximum number of tags of an entity.
pub const MAX_TAGS: usize = 50;
/// Maximum number of client ids of an identity provider.
pub const MAX_CLIENT_IDS: usize = 100;
/// Maximum number of thumbprints of an identity provider.
pub const MAX_THUMBPRINTS: usize = 5;

/// Maximum number of characters in the inline policies of a user, without white space.
pub const MAX_INLINE_OF_USER: usize = 2048;
/// Maximum number of characters in the inline policies of a group, without white space.
pub const MAX_INLINE_OF_GROUP: usize = 5120;
/// Maximum number of characters in the inline policies of a role, without white space.
pub const MAX_INLINE_OF_ROLE: usize = 10_240;
/// Maximum number of bytes of a policy document as it is sent, with white space. AWS takes 131,072 characters; this is
/// three times the largest quota, and keeps rows and tables small.
pub const MAX_DOCUMENT: usize = 32_768;

/// Minimum and default of the longest session of a role, in seconds.
pub const MIN_SESSION: u32 = 3600;
/// Maximum of the longest session of a role, in seconds.
pub const MAX_SESSION: u32 = 43_200;
