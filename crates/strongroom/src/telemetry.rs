//! Logging of the process.

pub(crate) mod logging;
