//! Who may do what. Pure: no IO.
//!
//! For now one account and its owner's access key; whoever signs with the key may do all that no policy of a bucket denies
//! ([`policy`]).

mod account;
mod credentials;
pub mod policy;

pub use account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};
pub use credentials::{AccessKeys, Credentials, SecretAccessKey};
