//! Accounts.

/// The account that owns everything as long as there is only one: twelve digits, as AWS account ids have.
pub const ROOT_ACCOUNT: &str = "000000000000";

/// The canonical id of the same account, as S3 names owners of buckets and objects: 64 hex digits without meaning.
pub const ROOT_CANONICAL_ID: &str = "5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000";
