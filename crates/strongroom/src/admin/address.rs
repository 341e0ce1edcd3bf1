//! Address of the server's socket for commands: `admin.sock` in the data directory.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

const NAME: &str = "admin.sock";
/// Maximum length of a socket path in bytes that every system accepts: Linux has 108 including the final zero.
const MAX_LENGTH: usize = 100;

/// Address of a socket.
pub(super) struct Address {
    /// Path of the socket.
    pub(super) path: PathBuf,
    /// Short path to the socket, for bind and connect.
    pub(super) short: PathBuf,
    /// Open directory that the short path leads through.
    _directory: Option<File>,
}

impl Address {
    /// # Errors
    /// Returns the system's error if the directory cannot be opened.
    pub(super) fn of(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        if path.as_os_str().len() <= MAX_LENGTH {
            return Ok(Self {
                short: path.clone(),
                path,
                _directory: None,
            });
        }
        let directory = File::open(data_dir)?;
        let short = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd()));
        Ok(Self {
            path,
            short,
            _directory: Some(directory),
        })
    }
}
