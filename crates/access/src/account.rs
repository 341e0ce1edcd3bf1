//! Accounts.

/// The account that owns everything until there are others: twelve digits, as AWS account ids are.
pub const ROOT_ACCOUNT: &str = "000000000000";

/// The same account, as S3 names owners of buckets and objects: 64 hex digits that tell nothing.
pub const ROOT_CANONICAL_ID: &str = "5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000";
