//! Operations on one object, or on a listing of them.

pub(crate) mod access;
pub mod copy;
pub mod delete;
pub(crate) mod delete_many;
pub(crate) mod etag;
pub mod get;
pub mod list;
pub mod put;
pub(crate) mod retention;
pub(crate) mod single_part;
pub mod summary;
pub(crate) mod tagging;
pub(crate) mod try_keys;
pub mod walk;
