//! The pages, and the requests of their scripts.

pub(crate) mod account;
pub(crate) mod browse;
pub(crate) mod buckets;
pub(crate) mod change_objects;
pub(crate) mod content;
pub(crate) mod delete_bucket;
pub(crate) mod download;
pub(crate) mod key_form;
pub(crate) mod keys;
pub(crate) mod new_bucket;
pub(crate) mod object;
pub(crate) mod protect;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod share;
pub(crate) mod sign_in;
pub(crate) mod theme;
pub(crate) mod try_keys;
pub(crate) mod unfinished;
pub(crate) mod upload;
