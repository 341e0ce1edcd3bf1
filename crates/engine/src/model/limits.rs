//! Limits on sizes and counts.

/// Maximum number of bytes of one PUT or one part: 5 GiB, as on AWS.
pub const MAX_BYTES: u64 = 5 << 30;
/// Maximum number of bytes in names and values of user metadata: 2 KiB, as on AWS.
pub(crate) const MAX_METADATA: usize = 2048;
/// Maximum number of bytes in an object key.
pub(crate) const MAX_KEY: usize = 1024;
/// Maximum number of parts of an upload.
pub const MAX_PARTS: u32 = 10_000;
/// Minimum number of bytes of a part that is not the last: 5 MiB, as on AWS.
pub(crate) const MIN_PART_BYTES: u64 = 5 << 20;
