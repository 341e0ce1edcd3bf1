//! Files that people name and that are short by nature: a device or an endless file named by mistake fills no memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(test)]
mod tests;

/// Most bytes: far more than settings or certificates take.
const MOST: u64 = 1 << 20;

/// Reads a file of at most a MiB.
///
/// # Errors
/// What the system says; [`io::ErrorKind::FileTooLarge`] for a longer one.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is longer than 1 MiB, and so another file than was meant",
        ));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// Those of [`read`]; [`io::ErrorKind::InvalidData`] for what is not UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text"))
}
