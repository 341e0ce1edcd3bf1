//! Errors of sealing and opening.

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The outer key is not the one the envelope was made with. Known before any data is touched.
    #[error("the key is not the one this was sealed with")]
    WrongKey,
    /// The bytes are not what was sealed, or are not in the place they were sealed for.
    #[error("the sealed {0} is damaged, or is not the one that belongs here")]
    Damaged(&'static str),
    /// Sealed by a suite this version does not know.
    #[error("sealed with suite {0}, which this version does not know")]
    UnknownSuite(u8),
    /// A chunk of the wrong size was handed in to be sealed.
    #[error("a chunk of {0} bytes cannot be sealed in this place")]
    ChunkSize(usize),
    /// The source of randomness failed; nothing may be sealed without it.
    #[error("the system's source of randomness failed")]
    Random,
}

/// Result of sealing or opening.
pub type Result<T, E = Error> = std::result::Result<T, E>;
