//! Rows of buckets and objects: their keys and their records.

pub(crate) mod key;
pub(crate) mod pages;
pub(crate) mod record;
pub(crate) mod recount;
pub(crate) mod sample;
pub(crate) mod usage;
