//! Destination of decrypted data: a file that gets its final name when it is complete, or standard output.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::files::private_file;

/// Reasons why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DestinationError {
    #[error("{} exists already, and files are never overwritten: choose another name", .0.display())]
    There(PathBuf),
    #[error("{} exists already from an earlier attempt: move or delete it", .0.display())]
    PartThere(PathBuf),
    #[error("cannot write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

/// Destination of a write. Nothing of it remains unless it is finished or kept.
pub(super) struct Destination<'a, W: Write>(Kind<'a, W>);

enum Kind<'a, W: Write> {
    Output(&'a mut W),
    File(Draft),
}

struct Draft {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
    /// True if the part file is deleted on drop.
    temporary: bool,
}

impl<'a, W: Write> Destination<'a, W> {
    /// Creates a new file at `path`, or uses `output` if the path is `-`.
    pub(super) fn open(path: &Path, output: &'a mut W) -> Result<Self, DestinationError> {
        if path.as_os_str() == "-" {
            return Ok(Self(Kind::Output(output)));
        }
        if path.symlink_metadata().is_ok() {
            return Err(DestinationError::There(path.to_owned()));
        }
        let mut part = OsString::from(path);
        part.push(".part");
        let part = PathBuf::from(part);
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&part);
        let file = opened.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => DestinationError::PartThere(part.clone()),
            _ => DestinationError::File {
                path: part.clone(),
                source,
            },
        })?;
        Ok(Self(Kind::File(Draft {
            path: path.to_owned(),
            part,
            file: BufWriter::new(file),
            temporary: true,
        })))
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), DestinationError> {
        match &mut self.0 {
            Kind::Output(output) => output.write_all(bytes).map_err(DestinationError::Output),
            Kind::File(draft) => draft.file.write_all(bytes).map_err(|source| draft.failed(source)),
        }
    }

    /// Gives the file its final name, durably.
    pub(super) fn finish(self) -> Result<(), DestinationError> {
        match self.0 {
            Kind::Output(output) => output.flush().map_err(DestinationError::Output),
            Kind::File(mut draft) => {
                draft.settle().map_err(|source| draft.failed(source))?;
                // Unlike a rename, a link does not replace an existing file.
                let named = match fs::hard_link(&draft.part, &draft.path) {
                    Ok(()) => fs::remove_file(&draft.part),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        return Err(DestinationError::There(draft.path.clone()));
                    }
                    // The file system has no links.
                    Err(_) => fs::rename(&draft.part, &draft.path),
                };
                named.map_err(|source| draft.failed(source))?;
                draft.temporary = false;
                private_file::sync_folder_of(&draft.path).map_err(|source| draft.failed(source))
            }
        }
    }

    /// Keeps the bytes written so far in the part file and returns its path.
    pub(super) fn keep(self) -> Result<Option<PathBuf>, DestinationError> {
        match self.0 {
            Kind::Output(output) => output.flush().map(|()| None).map_err(DestinationError::Output),
            Kind::File(mut draft) => {
                draft.settle().map_err(|source| draft.failed(source))?;
                draft.temporary = false;
                private_file::sync_folder_of(&draft.part).map_err(|source| draft.failed(source))?;
                Ok(Some(draft.part.clone()))
            }
        }
    }
}

impl Draft {
    fn settle(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }

    fn failed(&self, source: io::Error) -> DestinationError {
        DestinationError::File {
            path: self.part.clone(),
            source,
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.temporary {
            // A file that cannot be removed does no harm: the next attempt names it.
            let _ = fs::remove_file(&self.part);
        }
    }
}

#[cfg(test)]
mod tests;
