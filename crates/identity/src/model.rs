//! Accounts and their entities, as they are stored and as they are returned.

pub mod access_key;
pub mod account;
pub mod console_session;
pub mod entity;
pub mod group;
pub mod last_use;
pub mod login;
pub mod policy;
pub mod provider;
pub mod quota;
pub mod role;
pub mod user;

pub(crate) mod links;
pub(crate) mod session_token;
