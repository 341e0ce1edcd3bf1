//! Key management services, which wrap data keys for SSE-KMS.
//!
//! A back end is a [`Kms`]: the keyring's named keys, or an external service. The engine uses a [`KeyService`] in front
//! of the back end, which knows the default key and caches unwrapped keys for a limited time.

use async_trait::async_trait;
use strongroom_seal::OuterKey;

mod aws;
mod cache;
#[cfg(test)]
pub(crate) mod canned;
pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod http;
pub(crate) mod secret_file;
mod service;
mod single_flight;
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

/// A new key that wraps others, and its wrapped form, which only the service can unwrap.
pub struct GeneratedKey {
    /// The key.
    pub key: OuterKey,
    /// The key, wrapped by the service. Contains no secret; opaque to everything but the back end.
    pub wrapped: Vec<u8>,
}

/// Description of a service's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// The one name of the key that never changes and never names another key: a random id, or an ARN. Labels and
    /// aliases resolve to it.
    pub id: String,
    /// State of the key.
    pub state: KeyState,
}

/// State of a service's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key can be used.
    Enabled,
    /// The key was disabled, and may be enabled again.
    Disabled,
    /// The key cannot be used for another reason: scheduled for deletion, not completely imported, or the like.
    Unusable,
}

/// A key management service.
///
/// `key` is the name from the request: an id, a label or alias, an ARN. Calls may go over a network; the implementation
/// limits their duration (to a few seconds) and returns [`KmsError::Unavailable`].
#[async_trait]
pub trait Kms: Send + Sync + 'static {
    /// Describes a key.
    ///
    /// # Errors
    /// [`KmsError::NotFound`], [`KmsError::Denied`], [`KmsError::Unavailable`]. A disabled key is described, not
    /// refused.
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError>;

    /// Generates a random key, bound to `context`.
    ///
    /// # Errors
    /// As [`Self::describe`]; [`KmsError::Disabled`], [`KmsError::InvalidState`].
    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError>;

    /// Wraps a key, bound to `context`.
    ///
    /// # Errors
    /// As [`Self::generate`].
    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError>;

    /// Unwraps a key wrapped by [`Self::generate`] or [`Self::wrap`] under any version of the service's key.
    ///
    /// # Errors
    /// As [`Self::generate`]; [`KmsError::Refused`] for other bytes or another context.
    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError>;

    /// Returns the version of the key that wrapped `wrapped`, if it can be determined without a call to the service.
    fn version_of(&self, _wrapped: &[u8]) -> Option<String> {
        None
    }
}
