//! Errors of reading and writing rows.

use strongroom_store::StoreError;

/// Error of reading or writing rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed. A commit may or may not have taken effect.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row cannot be authenticated or decoded. Only the store's operator should see the reason.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// A record could not be sealed.
    #[error("encryption failed: {0}")]
    Seal(#[from] strongroom_seal::Error),
}

/// Result of reading or writing rows.
pub type Result<T, E = Error> = std::result::Result<T, E>;
