//! Errors of key management services.

use std::fmt;

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
