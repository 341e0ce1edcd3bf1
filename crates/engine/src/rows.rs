//! Rows of buckets and objects: their keys and their records.

pub(crate) mod key;
pub(crate) mod pages;
pub(crate) mod record;

use strongroom_store::Counter;

/// Number of versions in a bucket, including delete markers. A bucket can only be deleted at 0.
pub(crate) const VERSIONS: Counter = Counter("versions");
