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

mod cache;

mod quotas;

pub mod principal;

mod identities;

pub mod lookup;

mod accounts;

mod account_names;

mod account_quotas;

mod entities;

pub mod attachments;

mod boundaries;

pub mod holders;

mod users;

mod groups;

mod named_principals;

pub mod roles;

pub mod policies;

mod policy_versions;

mod inline;

pub mod access_keys;

mod providers;

pub mod login;

pub mod unconfirmed;

mod snapshot;

mod simulated;

mod signing;

pub mod console_sessions;

pub mod sessions;

pub mod session_tokens;

pub mod signers;

#[cfg(test)]
mod tests;

pub use error::{Conflict, IdentityError, Limit, Result, Subject};
pub use identities::{Identities, Now};
