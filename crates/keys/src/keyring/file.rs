//! Reading a keyring's file of any version.

use crate::created::Created;
use crate::keyring::content::Content;
use crate::keyring::document::{self, Document};
use crate::keyring::error::KeyringError;
use crate::keyring::version_1;
use crate::private::{self, ReadError};
use std::path::Path;
use zeroize::Zeroizing;

/// Maximum size of a keyring's file in bytes: room for thousands of keys.
const MAX_BYTES: u64 = 4 << 20;

/// A keyring's file.
pub(super) enum File {
    /// Version 1: the keys are in clear.
    One(Content),
    Two(Zeroizing<String>, Document),
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, KeyringError> {
        let text = read_text(path)?;
        let modified = std::fs::metadata(path).and_then(|data| data.modified());
        Self::parse(path, text, modified.ok().map(|time| Created::at(time.into())))
    }

    /// Parses a file. `written` is the time when a file of version 1 was written, which is not in the file itself.
    pub(super) fn parse(
        path: &Path,
        text: Zeroizing<String>,
        written: Option<Created>,
    ) -> Result<Self, KeyringError> {
        match document::version(&text).map_err(|why| KeyringError::invalid(path, why))? {
            1 => {
                let written = written.unwrap_or(Created::at(time::OffsetDateTime::UNIX_EPOCH));
                let content = version_1::open(&text, written);
                Ok(Self::One(
                    content.map_err(|why| KeyringError::invalid(path, why))?,
                ))
            }
            document::VERSION => {
                let document = Document::parse(&text).map_err(|why| KeyringError::invalid(path, why))?;
                Ok(Self::Two(text, document))
            }
            _ => Err(KeyringError::invalid(
                path,
                "its version is neither 1 nor 2: it was created by a newer version of Strongroom",
            )),
        }
    }
}

pub(super) fn read_text(path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let bytes = private::read(path, MAX_BYTES).map_err(|error| match error {
        ReadError::Missing => KeyringError::Missing(path.to_owned()),
        ReadError::Exposed(mode) => KeyringError::Exposed {
            path: path.to_owned(),
            mode,
        },
        ReadError::Io(source) => KeyringError::io(path, source),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(KeyringError::invalid(path, "it is too long"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyringError::invalid(path, "it is not text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}
