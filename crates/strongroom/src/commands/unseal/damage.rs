//! The damage of an object.

use std::fmt;
use std::path::PathBuf;

use strongroom_engine::Error;

/// An object that does not open as a whole.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(super) object: String,
    /// The first byte that does not open.
    pub(super) at: u64,
    /// Where the bytes before it were kept.
    pub(super) kept: Option<PathBuf>,
    /// A byte behind it from which on there are some that open.
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
        write!(f, "{object:?} is damaged from byte {at} on ({source}). ")?;
        match kept {
            Some(part) => write!(f, "What opened before it is in {}. ", part.display())?,
            None => f.write_str("Nothing was kept: --keep-part keeps what opens before the damage. ")?,
        }
        match again {
            Some(again) => write!(f, "It opens again from byte {again} on: --range {again}-"),
            None => f.write_str("Nothing behind it was found to open"),
        }
    }
}

impl std::error::Error for Damage {}

/// Whether an error says that stored bytes are not there, not those that were written, or cannot be read.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Damaged(_) | Error::Store(_))
}

#[cfg(test)]
mod tests;
