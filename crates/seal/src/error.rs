//! Errors of sealing and opening.

/// Reason why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The outer key is not the one the envelope was wrapped with. Detected before any data is decrypted.
    #[error("this was sealed with another key")]
    WrongKey,
    /// The bytes were changed after sealing, or belong to another place.
    #[error("the sealed {0} is damaged or belongs somewhere else")]
    Damaged(&'static str),
    /// Sealed with a suite that this version does not know.
    #[error("sealed with suite {0}, which is unknown to this version")]
    UnknownSuite(u8),
    /// A chunk to be sealed has the wrong size.
    #[error("a chunk of {0} bytes has the wrong size for its position")]
    ChunkSize(usize),
    /// The source of randomness failed. Nothing may be sealed without it.
    #[error("the system's source of randomness failed")]
    Random,
}

/// Result of sealing or opening.
pub type Result<T, E = Error> = std::result::Result<T, E>;
