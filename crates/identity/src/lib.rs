//! Accounts, users, groups, roles, access keys and policies: sealed rows in a partition of the store's index, with the
//! rules of IAM. (IAM User Guide; IAM API Reference.)
//!
//! [`Identities`] is the only handle. Each change is one commit, and takes effect at once: requests see it in the
//! [`Principal`](principal::Principal) of their access key, which is kept in memory until its account changes.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod error;

mod codec;

pub mod limits;

pub mod tags;

pub mod model;

mod key;

mod document;

mod aws_managed;

mod reference;

pub mod page;

mod turn;

mod last_uses;

pub mod principal;

mod cache;

mod identities;

pub mod lookup;

mod accounts;

mod entities;

pub mod attachments;

mod users;

mod groups;

pub mod roles;

pub mod policies;

mod inline;

pub mod access_keys;

mod snapshot;

mod signing;

pub mod signers;

pub mod sessions;

#[cfg(test)]
mod tests;

pub use error::{Conflict, IdentityError, Limit, Result, Subject};
pub use identities::{Identities, Now};
