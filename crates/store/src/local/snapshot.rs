//! Snapshots of a local store in use: hard links to its blobs and tables, and a copy of everything small.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::integrity::CommitHead;
use crate::local::blocking;
use crate::local::directory::{Directory, make_directory};
use crate::local::draft_directory::Draft;
use crate::local::history::History;
use crate::local::key_files::KeyFiles;
use crate::local::layout::Layout;
use crate::local::log::{Head, Origin};
use crate::local::mark::{Mark, MarkFile};
use crate::local::tree_copy::{Copied, TreeCopy};
use crate::local::upkeep::Upkeep;
use crate::snapshots::{HistoryReach, Snapshot, Snapshots};
use async_trait::async_trait;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes snapshots of a store.
#[derive(Clone)]
pub(super) struct LocalSnapshots {
    pub(super) directory: Arc<Directory>,
    pub(super) upkeep: Arc<Upkeep>,
    pub(super) keys: Arc<KeyFiles>,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) history: Option<Arc<History>>,
    /// Held by the snapshot that is being written.
    pub(super) turns: Arc<Mutex<()>>,
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

    fn history(&self) -> Option<HistoryReach> {
        self.history.as_ref()?.reach()
    }
}

impl LocalSnapshots {
    fn write(&self, to: &Path, previous: Option<&Path>) -> io::Result<Snapshot> {
        let to = std::path::absolute(to)?;
        let parent = to.parent().unwrap_or(Path::new("/"));
        let store = self.directory.layout.path();
        let is_near = fs::metadata(parent)?.dev() == fs::metadata(store)?.dev();
        // Another snapshot may use the stage.
        let _one_at_a_time = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let draft = Draft::create(&to)?;
        let (head, copied) = if is_near {
            self.stage(&Layout::of(draft.path().to_owned()))?
        } else {
            // On another file system, links beside the store keep the state while it is copied.
            let stage = self.directory.layout.snapshot_stage();
            let copied = self.copy(&stage, draft.path(), previous);
            fs::remove_dir_all(&stage)?;
            copied?
        };
        draft.finish()?;
        Ok(Snapshot {
            head: Some(CommitHead {
                timeline: self.directory.format.timeline,
                number: head.number,
                chain: head.chain,
            }),
            blobs: copied.blobs,
            bytes: copied.bytes,
        })
    }

    /// Collects the state of the store in `stage`, and copies it to another file system.
    fn copy(&self, stage: &Path, to: &Path, previous: Option<&Path>) -> io::Result<(Head, Copied)> {
        make_directory(stage)?;
        let (head, copied) = self.stage(&Layout::of(stage.to_owned()))?;
        TreeCopy::new(previous).tree(stage, to)?;
        Ok((head, copied))
    }

    /// Writes the state of the store to a directory on the same file system. Nothing is deleted or replaced meanwhile.
    fn stage(&self, to: &Layout) -> io::Result<(Head, Copied)> {
        let from = &self.directory.layout;
        for directory in [to.log(), to.index(), to.index().join("tables"), to.tmp()] {
            make_directory(&directory)?;
        }
        let mut copy = TreeCopy::new(None);
        // Blobs that are written from now on belong to later commits; none is deleted until all are linked.
        let _no_deletions = self.directory.keep_blobs();
        let before = self.directory.counted_blobs();
        let mark = self.keys.unchanged(|| {
            copy.copied_file(&from.format(), &to.format())?;
            make_directory(&to.keys())?;
            copy.tree_of_copies(&from.keys(), &to.keys())?;
            self.upkeep.copy_index(from, to, &mut copy)
        })?;
        let origin = Origin::from(self.directory.format);
        make_directory(&to.blobs())?;
        copy.blobs(&from.blobs(), &to.blobs())?;
        // The rows of blobs that were written meanwhile are not in the copied index.
        let meanwhile = self.directory.counted_blobs() - before;
        let mark = Mark {
            orphans: mark.orphans.saturating_add(meanwhile),
            ..mark
        };
        MarkFile::create(&to.mark(), origin, Arc::clone(&self.authenticator), mark)?;
        Ok((mark.head, copy.copied()))
    }
}
