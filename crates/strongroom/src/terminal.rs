//! The terminal: text a person sees and types.

pub(crate) mod ask;
pub(crate) mod client_profile;
pub(crate) mod error_chain;
pub(crate) mod printable;
pub(crate) mod progress;
pub(crate) mod shell;
