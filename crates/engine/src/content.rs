//! Bytes of objects: digests, writing and reading of parts.

pub mod digests;
pub mod read;
pub(crate) mod write;
