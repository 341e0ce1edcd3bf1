//! Versions of a key: how they are found, opened, committed and removed.

pub(crate) mod chain;
pub mod commit;
pub(crate) mod due;
pub mod expiry;
pub(crate) mod head;
pub(crate) mod open;
