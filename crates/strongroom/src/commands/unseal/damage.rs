//! Damage of an object.

use std::fmt;
use std::path::PathBuf;

use strongroom_engine::Error;

/// An object that cannot be decrypted completely.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(super) object: String,
    /// First byte that cannot be decrypted.
    pub(super) at: u64,
    /// File with the bytes before it, if they were kept.
    pub(super) kept: Option<PathBuf>,
    /// A later byte from which on data can be decrypted again.
    pub(super) again: Option<u64>,
    pub(super) source: Error,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            at,
            kept,
            again,
            source,
        } = self;
        write!(f, "{object:?} is damaged from byte {at} ({source}). ")?;
        match kept {
            Some(part) => write!(f, "The bytes before the damage are in {}. ", part.display())?,
            None => f.write_str("Nothing was kept: add --keep-part to keep the bytes before the damage. ")?,
        }
        match again {
            Some(again) => write!(
                f,
                "Data can be decrypted again from byte {again}: continue with --range {again}-"
            ),
            None => f.write_str("No data after the damage could be decrypted"),
        }
    }
}

impl std::error::Error for Damage {}

/// Returns whether an error says that stored bytes are missing, differ from those written, or cannot be read.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Damaged(_) | Error::Store(_))
}

#[cfg(test)]
mod tests;
