//! Errors of key management services.

use std::fmt;

/// Reason why a service did not perform a request. The texts quote no name of a key: a request may have a
/// secret key in the place of a name, and the texts go to durable logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KmsError {
    /// No service is configured.
    #[error("no key management service is configured")]
    NoService,
    /// The request names no key, and there is no default key.
    #[error("no KMS key was named, and there is no default key")]
    NoDefaultKey,
    /// The key does not exist.
    #[error("there is no KMS key of this name")]
    NotFound(String),
    /// The key is disabled.
    #[error("the KMS key is disabled")]
    Disabled(String),
    /// The state of the key does not allow its use.
    #[error("the KMS key is in a state in which it cannot be used")]
    InvalidState(String),
    /// The service does not allow this server to use the key.
    #[error("the key management service denies the use of the KMS key")]
    Denied(String),
    /// The wrapped key was wrapped by another key, or with another context.
    #[error("the KMS key did not wrap this key, or wrapped it with another context")]
    Refused(String),
    /// The service cannot be reached, or fails. A later attempt may succeed.
    #[error("the key management service is unavailable: {0}")]
    Unavailable(Unavailable),
}

/// Reason why a service is unavailable, in words without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
