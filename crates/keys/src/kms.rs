//! Key management services: what SSE-KMS wraps data keys with.
//!
//! A back end is a [`Kms`]: the keyring's own named keys, or a service elsewhere. The engine asks a [`KeyService`], which
//! stands before the back end: it knows the default key, and keeps unwrapped keys for as long as it is told to.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;
use strongroom_seal::OuterKey;

mod aws;
mod built_in;
mod cache;
#[cfg(test)]
mod canned;
mod flight;
mod http;
pub(crate) mod secret_file;
mod service;
mod timed;
mod vault;

pub use self::http::SetupError;
pub use aws::{Aws, AwsSettings};
pub use built_in::BuiltIn;
pub use cache::{KeyCounts, Lifetimes};
pub use service::{Issued, KeyService};
pub use vault::{Vault, VaultLogin, VaultSettings};

/// The encryption context: pairs that a wrapped key is bound to and cannot be unwrapped without. They are no secret
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>).
pub type Context = BTreeMap<String, String>;

/// A context as bytes, for back ends that bind a key to bytes: JSON without spaces, names in the order of their UTF-8.
///
/// What was wrapped opens under the very same bytes only, so this must not change.
pub fn canonical(context: &Context) -> Vec<u8> {
    // A map of strings always has a JSON form; were there none, nothing would open under what takes its place.
    serde_json::to_vec(context).unwrap_or_default()
}

/// A key that was made to wrap others with, and the form in which only the service can open it again.
pub struct GeneratedKey {
    /// The key.
    pub key: OuterKey,
    /// The same, wrapped by the service. Holds no secret; opaque to everybody but the back end.
    pub wrapped: Vec<u8>,
}

/// What a service tells of one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// The one name of the key that never changes and never names another key: a random id, or an ARN. Labels and
    /// aliases lead to it.
    pub id: String,
    /// Whether it can be used.
    pub state: KeyState,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It can.
    Enabled,
    /// It was disabled, and may be enabled again.
    Disabled,
    /// It is to be deleted, was only imported in part, or the like.
    Unusable,
}

/// A key management service.
///
/// `key` is what the request named: an id, a label or alias, an ARN. Calls may take as long as a network does; whoever
/// implements this bounds that (a few seconds) and answers [`KmsError::Unavailable`].
#[async_trait]
pub trait Kms: Send + Sync + 'static {
    /// What a key is.
    ///
    /// # Errors
    /// [`KmsError::NotFound`], [`KmsError::Denied`], [`KmsError::Unavailable`]. A disabled key is described, not refused.
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError>;

    /// Makes a new random key, bound to `context`.
    ///
    /// # Errors
    /// As [`Self::describe`]; [`KmsError::Disabled`], [`KmsError::InvalidState`].
    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError>;

    /// Wraps a key, bound to `context`.
    ///
    /// # Errors
    /// As [`Self::generate`].
    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError>;

    /// Opens what [`Self::generate`] or [`Self::wrap`] wrapped, by whichever version of the key that was.
    ///
    /// # Errors
    /// As [`Self::generate`]; [`KmsError::Refused`] for other bytes or another context.
    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError>;

    /// Which version of its key has wrapped something, if that can be seen without asking the service.
    fn version_of(&self, _wrapped: &[u8]) -> Option<String> {
        None
    }
}

/// Why a service did not do what it was asked. Names keys, never holds one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KmsError {
    /// No service is set up.
    #[error("there is no key management service")]
    NoService,
    /// The request names no key, and there is no default one.
    #[error("no KMS key was named, and there is no default one")]
    NoDefaultKey,
    /// There is no such key.
    #[error("there is no KMS key {0:?}")]
    NotFound(String),
    /// The key is disabled.
    #[error("the KMS key {0:?} is disabled")]
    Disabled(String),
    /// The key is in a state in which it cannot be used.
    #[error("the KMS key {0:?} is in a state in which it cannot be used")]
    InvalidState(String),
    /// The service does not let this server use the key.
    #[error("the key management service denies the use of the KMS key {0:?}")]
    Denied(String),
    /// The wrapped key is not one of this key's, or was wrapped in another context.
    #[error("the KMS key {0:?} does not open what it is asked to")]
    Refused(String),
    /// The service cannot be reached, or fails. Asking again later may help.
    #[error("the key management service cannot be used now: {0}")]
    Unavailable(Unavailable),
}

/// What kept a service from answering, in words that hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
