//! Reads files that users name and that are always short, so that a wrong name (a device, a huge file) does not fill
//! the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(test)]
mod tests;

/// Maximum size in bytes, far more than settings or certificates have.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a file of at most 1 MiB.
///
/// # Errors
/// The system's error, or [`io::ErrorKind::FileTooLarge`] for a longer file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "the file is longer than 1 MiB, so it is probably the wrong one",
        ));
    }
    Ok(bytes)
}

/// Reads a text file of at most 1 MiB.
///
/// # Errors
/// The errors of [`read`], or [`io::ErrorKind::InvalidData`] for a file that is not UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8 text"))
}
