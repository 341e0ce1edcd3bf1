//! A directory that gets its name only when it is complete and durable.

use crate::local::directory::{DIRECTORY_MODE, sync_directory};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Ending of the name of a directory that is not complete.
const PARTIAL: &str = ".partial";

/// A directory that is being written. Dropping it without [`Draft::finish`] removes it.
pub(super) struct Draft {
    path: PathBuf,
    to: PathBuf,
    is_finished: bool,
}

impl Draft {
    /// Creates the directory beside `to`, which must not exist. A draft that a crash left is never removed: it may be one
    /// that another process is writing.
    pub(super) fn create(to: &Path) -> io::Result<Self> {
        if to.try_exists()? {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "it exists already"));
        }
        let mut name = OsString::from(to);
        name.push(PARTIAL);
        let path = PathBuf::from(name);
        match DirBuilder::new().mode(DIRECTORY_MODE).create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let why = format!(
                    "{} exists: it is being written, or was broken off; delete it in that case",
                    path.display()
                );
                return Err(io::Error::new(ErrorKind::AlreadyExists, why));
            }
            Err(error) => return Err(error),
        }
        Ok(Self {
            path,
            to: to.to_owned(),
            is_finished: false,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes everything in the directory durable, and gives it its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        // One call for the file system, instead of one for each of possibly millions of files.
        rustix::fs::syncfs(File::open(&self.path)?)?;
        fs::rename(&self.path, &self.to)?;
        self.is_finished = true;
        self.to.parent().map_or(Ok(()), sync_directory)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_finished
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove a directory that is not complete");
        }
    }
}
