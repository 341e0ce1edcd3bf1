//! Access control: identifiers of accounts and their users, credentials, policies, and how policies together decide
//! ([`evaluation`]). Pure: no IO.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod account;

pub mod arn;

mod credentials;

pub mod policy;

pub mod evaluation;

#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;

pub use account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};
pub use credentials::{AccessKeys, Credentials, SecretAccessKey};
