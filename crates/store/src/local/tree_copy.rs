//! Copies of directories by hard links, where that is possible.

use crate::local::directory::{FILE_MODE, make_directory};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A copy of directories. The copied files are never changed later.
pub(super) struct TreeCopy {
    /// An earlier copy, whose files of the same name and size have the same content: files are named by random ids or
    /// increasing numbers.
    previous: Option<PathBuf>,
    copied: Copied,
}

/// Sum of what was copied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Copied {
    /// Blobs: the files that [`TreeCopy::blobs`] copied.
    pub(super) blobs: u64,
    /// Bytes of all files.
    pub(super) bytes: u64,
    files: u64,
}

impl TreeCopy {
    pub(super) fn new(previous: Option<&Path>) -> Self {
        Self {
            previous: previous.map(Path::to_owned),
            copied: Copied::default(),
        }
    }

    pub(super) fn copied(&self) -> Copied {
        self.copied
    }

    /// Copies the content of a directory to an existing directory. Files are hard links to the originals, or to those of
    /// the earlier copy, or copies.
    pub(super) fn tree(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.walk(from, to, Path::new(""), true)
    }

    /// Works like [`Self::tree`] on the directories of all blobs, and counts them.
    pub(super) fn blobs(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let before = self.copied.files;
        self.tree(from, to)?;
        self.copied.blobs = self.copied.files - before;
        Ok(())
    }

    /// Copies the content of a directory to an existing directory, without hard links.
    pub(super) fn tree_of_copies(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.walk(from, to, Path::new(""), false)
    }

    fn walk(&mut self, from: &Path, to: &Path, below: &Path, link: bool) -> io::Result<()> {
        for entry in fs::read_dir(from.join(below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            let (source, target) = (from.join(&name), to.join(&name));
            if entry.file_type()?.is_dir() {
                make_directory(&target)?;
                self.walk(from, to, &name, link)?;
            } else if link {
                self.linked_file(&source, &target, &name)?;
            } else {
                self.copied_file(&source, &target)?;
            }
        }
        Ok(())
    }

    /// Links a file, or copies it. `name` is its path in the earlier copy.
    pub(super) fn linked_file(&mut self, source: &Path, target: &Path, name: &Path) -> io::Result<()> {
        let length = fs::metadata(source)?.len();
        self.copied.bytes += length;
        self.copied.files += 1;
        if fs::hard_link(source, target).is_ok() {
            return Ok(());
        }
        if let Some(previous) = &self.previous {
            let earlier = previous.join(name);
            let is_same = fs::metadata(&earlier).is_ok_and(|found| found.len() == length);
            // Only these names belong to one content for ever.
            let is_immutable = name.starts_with("blobs");
            if is_same && is_immutable && fs::hard_link(&earlier, target).is_ok() {
                return Ok(());
            }
        }
        copy_first(source, target, length)
    }

    /// Copies a file.
    pub(super) fn copied_file(&mut self, source: &Path, target: &Path) -> io::Result<()> {
        let length = fs::metadata(source)?.len();
        self.copied.bytes += length;
        copy_first(source, target, length)
    }

    /// Copies the first bytes of a file that is being appended to.
    pub(super) fn copied_start(&mut self, source: &Path, target: &Path, bytes: u64) -> io::Result<()> {
        self.copied.bytes += bytes;
        copy_first(source, target, bytes)
    }
}

fn copy_first(source: &Path, target: &Path, bytes: u64) -> io::Result<()> {
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(target)?;
    let copied = io::copy(&mut File::open(source)?.take(bytes), &mut to)?;
    if copied < bytes {
        let why = format!("{} became shorter while it was copied", source.display());
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
    }
    to.flush()
}
