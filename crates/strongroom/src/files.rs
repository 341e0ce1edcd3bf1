//! Files: private ones, which only their owner may read, and short ones.

pub(crate) mod private_file;
pub(crate) mod short_file;
