//! Key management services: what SSE-KMS wraps data keys with.
//!
//! A back end is a [`Kms`]: the keyring's own named keys, or a service elsewhere. The engine asks a [`KeyService`], which
//! stands before the back end: it knows the default key, and keeps unwrapped keys for as long as it is told to.

use async_trait::async_trait;
use strongroom_seal::OuterKey;

mod aws;
mod cache;
#[cfg(test)]
mod canned;
pub(crate) mod context;
pub(crate) mod error;
mod flight;
mod http;
pub(crate) mod secret_file;
mod service;
mod timed;
mod vault;

pub use self::http::SetupError;
pub use aws::{Aws, AwsSettings};
pub use cache::counts::KeyCounts;
pub use cache::lifetimes::Lifetimes;
pub use context::{Context, canonical};
pub use error::{KmsError, Unavailable};
pub use service::{Issued, KeyService};
pub use vault::Vault;
pub use vault::settings::{VaultLogin, VaultSettings};

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
