//! Access control: credentials and policies. Pure: no IO.
//!
//! For now there is one account with its owner's access key; requests signed with the key are allowed everything that
//! no bucket policy denies ([`policy`]).

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod account;

pub mod arn;

mod credentials;

pub mod policy;

pub use account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};
pub use credentials::{AccessKeys, Credentials, SecretAccessKey};
