//! The terminal: text for display, and input typed by a person.

pub(crate) mod ask;
pub(crate) mod client_profile;
pub(crate) mod error_chain;
pub(crate) mod printable;
pub(crate) mod progress;
pub(crate) mod shell;
pub(crate) mod time;
