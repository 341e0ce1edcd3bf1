//! Limits on sizes and counts.

/// The most bytes of one PUT, or one part: 5 GiB, as on AWS.
pub const MOST_BYTES: u64 = 5 << 30;
/// The most bytes of names and values of user metadata: 2 KiB, as on AWS.
pub(crate) const MOST_METADATA: usize = 2048;
/// The most bytes of an object key.
pub(crate) const MOST_KEY: usize = 1024;
/// The most parts of an upload.
pub const MOST_PARTS: u32 = 10_000;
/// The fewest bytes of a part that is not the last: 5 MiB, as on AWS.
pub(crate) const FEWEST_BYTES: u64 = 5 << 20;
