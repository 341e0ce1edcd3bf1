//! Jobs that an operator starts.

pub mod lost;
pub(crate) mod pace;
pub mod report;
pub mod restore;
pub mod rewrap;
pub mod rewrap_bucket;
pub(crate) mod rewrap_upload;
pub mod roll;
pub mod snapshot;
pub(crate) mod stored_key;
pub mod survey;
pub mod usage;
pub mod verify;
