//! Parts of responses.

pub(crate) mod checksum;
pub(crate) mod error;
pub(crate) mod errors;
pub(crate) mod holding;
mod library;
pub(crate) mod reply;
pub(crate) mod shown;
pub(crate) mod time;
pub(crate) mod written;
