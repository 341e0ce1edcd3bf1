//! Where outer keys come from.
//!
//! [`Keyring`]: master keys in a local file. A master key wraps bucket keys and the store's key, nothing else, so
//! rolling it costs as much as there are buckets. [`kms`]: the services that SSE-KMS needs.

mod keyring;
pub mod kms;

pub use keyring::{Keyring, KeyringError};
