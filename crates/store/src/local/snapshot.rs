//! Snapshots of a local store in use: hard links to its blobs and tables, and a copy of everything small.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::integrity::CommitHead;
use crate::local::blocking;
use crate::local::directory::{Directory, make_directory, sync_directory};
use crate::local::key_files::KeyFiles;
use crate::local::layout::Layout;
use crate::local::log::{Head, Origin};
use crate::local::mark::{Mark, MarkFile};
use crate::local::tree_copy::{Copied, TreeCopy};
use crate::local::upkeep::Upkeep;
use crate::snapshots::{Snapshot, Snapshots};
use async_trait::async_trait;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Takes snapshots of a store.
#[derive(Clone)]
pub(super) struct LocalSnapshots {
    pub(super) directory: Arc<Directory>,
    pub(super) upkeep: Arc<Upkeep>,
    pub(super) keys: Arc<KeyFiles>,
    pub(super) authenticator: Arc<dyn Authenticator>,
}

#[async_trait]
impl Snapshots for LocalSnapshots {
    async fn snapshot(&self, directory: PathBuf, previous: Option<PathBuf>) -> Result<Snapshot> {
        let this = self.clone();
        let doing = format!("writing the snapshot {}", directory.display());
        blocking::run(doing.clone(), move || {
            let snapshot = this.write(&directory, previous.as_deref());
            snapshot.map_err(|error| StoreError::failed(doing, error))
        })
        .await
    }
}

impl LocalSnapshots {
    fn write(&self, to: &Path, previous: Option<&Path>) -> io::Result<Snapshot> {
        let to = std::path::absolute(to)?;
        if to.try_exists()? {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it exists already"));
        }
        let parent = to.parent().unwrap_or(Path::new("/"));
        // A snapshot has its name only when it is whole.
        let draft = to.with_extension("partial");
        remove_if_exists(&draft)?;
        let store = self.directory.layout.path();
        let is_near = fs::metadata(parent)?.dev() == fs::metadata(store)?.dev();
        // On another file system, links beside the store keep the state while it is copied.
        let stage = if is_near {
            draft.clone()
        } else {
            self.directory.layout.snapshot_draft()
        };
        remove_if_exists(&stage)?;
        let (head, mut copied) = self.stage(&Layout::of(stage.clone()))?;
        if !is_near {
            let mut copy = TreeCopy::new(previous);
            make_directory(&draft)?;
            copy.tree(&stage, &draft)?;
            fs::remove_dir_all(&stage)?;
            copied = copy.copied();
        }
        TreeCopy::sync(&draft)?;
        fs::rename(&draft, &to)?;
        sync_directory(parent)?;
        Ok(Snapshot {
            head: Some(CommitHead {
                number: head.number,
                chain: head.chain,
            }),
            blobs: copied.blobs,
            bytes: copied.bytes,
        })
    }

    /// Writes the state of the store to a directory on the same file system. Nothing is deleted or replaced meanwhile.
    fn stage(&self, to: &Layout) -> io::Result<(Head, Copied)> {
        let from = &self.directory.layout;
        for directory in [
            to.path().to_owned(),
            to.log(),
            to.index(),
            to.index().join("tables"),
            to.tmp(),
        ] {
            make_directory(&directory)?;
        }
        let mut copy = TreeCopy::new(None);
        // Blobs that are written from now on belong to later commits; none is deleted until all are linked.
        let _no_deletions = self.directory.keep_blobs();
        let (head, list) = self.keys.unchanged(|| {
            copy.copied_file(&from.format(), &to.format())?;
            make_directory(&to.keys())?;
            copy.tree_of_copies(&from.keys(), &to.keys())?;
            self.upkeep.copy_index(from, to, &mut copy)
        })?;
        let origin = Origin::from(self.directory.format);
        let mark = Mark { head, list };
        MarkFile::create(&to.mark(), origin, Arc::clone(&self.authenticator), mark)?;
        make_directory(&to.blobs())?;
        copy.tree(&from.blobs(), &to.blobs())?;
        Ok((head, copy.copied()))
    }
}

fn remove_if_exists(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
