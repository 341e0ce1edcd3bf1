//! Where a server listens for commands: `admin.sock` in the data directory.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

const NAME: &str = "admin.sock";
/// Bytes of a path that every system takes for a socket: Linux has 108, with the zero at the end.
const LONGEST: usize = 100;

/// The address of a socket.
pub(super) struct Address {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// A path to it that is short enough.
    pub(super) short: PathBuf,
    /// What the short path leads through.
    _directory: Option<File>,
}

impl Address {
    /// # Errors
    /// What the system says if the directory cannot be opened.
    pub(super) fn of(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        if path.as_os_str().len() <= LONGEST {
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
