//! Wrapped keys in small files, apart from index and blobs.
//!
//! `keys/store` holds the envelope of the store's key, `keys/<xx>` those of the buckets whose ids begin with this byte: 256
//! files, so that each stays small with 100,000 buckets. A change replaces a whole file, so what was removed is in no
//! file afterwards. Each read checks the whole file; nothing is cached.

mod content;

use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::local::blocking;
use crate::local::directory::{Directory, NEW, read_if_exists, replace_file, sync_directory};
use crate::wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys, WrappedKeys, no_envelope};
use async_trait::async_trait;
use bytes::Bytes;
use content::{Entry, FileName, encode, parse};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

#[cfg(test)]
mod tests;

/// The key files of a store.
pub(super) struct KeyFiles(Arc<Folder>);

struct Folder {
    path: PathBuf,
    store: StoreId,
    /// `None`: the files must not be changed.
    changes: Option<Changes>,
}

struct Changes {
    /// Held by whoever changes a file: one for `keys/store`, and one for each of the others.
    of_store: Mutex<()>,
    of_partitions: [Mutex<()>; 256],
    /// Held shared by whoever changes any file.
    frozen: RwLock<()>,
    // Keeps the directory locked.
    _directory: Arc<Directory>,
}

impl KeyFiles {
    /// Opens the key files of a store, and removes what an interrupted change left.
    pub(super) fn open(directory: &Arc<Directory>) -> Result<Self> {
        let path = directory.layout.keys();
        remove_unfinished(&path)
            .map_err(|error| StoreError::failed(format!("opening the folder {}", path.display()), error))?;
        Ok(Self(Arc::new(Folder {
            path,
            store: directory.format.id,
            changes: Some(Changes {
                of_store: Mutex::default(),
                of_partitions: [const { Mutex::new(()) }; 256],
                frozen: RwLock::default(),
                _directory: Arc::clone(directory),
            }),
        })))
    }

    /// Runs `work` while no file changes.
    pub(super) fn unchanged<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(changes) = &self.0.changes else {
            return work();
        };
        let _frozen = changes.frozen.write().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// Opens the key files in a folder for reading. The store's id is not compared if it is [`StoreId::UNKNOWN`].
    pub(super) fn read_only(path: PathBuf, store: StoreId) -> Self {
        Self(Arc::new(Folder {
            path,
            store,
            changes: None,
        }))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let folder = Arc::clone(&self.0);
        blocking::run("working on the key files".to_owned(), move || work(&folder)).await
    }
}

#[async_trait]
impl WrappedKeys for KeyFiles {
    async fn envelopes(&self, owner: KeyOwner) -> Result<Vec<Bytes>> {
        self.run(move |folder| {
            let entries = folder.read(FileName::of(owner))?.into_iter();
            let id = owner.partition();
            Ok(entries
                .filter(|entry| entry.owner == id)
                .map(|entry| entry.envelope)
                .collect())
        })
        .await
    }

    async fn add(&self, owner: KeyOwner, envelope: Bytes) -> Result<()> {
        let id = owner.partition();
        self.run(move |folder| {
            folder.change(FileName::of(owner), |entries| {
                let entry = Entry { owner: id, envelope };
                if !entries.contains(&entry) {
                    entries.insert(entries.partition_point(|before| before.owner <= id), entry);
                }
                Ok(())
            })
        })
        .await
    }

    async fn keep_only(&self, owner: KeyOwner, digest: KeyDigest) -> Result<()> {
        let id = owner.partition();
        self.run(move |folder| {
            folder.change(FileName::of(owner), |entries| {
                let is_kept = |entry: &Entry| KeyDigest::of(&entry.envelope) == digest;
                if !entries.iter().any(|entry| entry.owner == id && is_kept(entry)) {
                    return Err(no_envelope(owner, digest));
                }
                entries.retain(|entry| entry.owner != id || is_kept(entry));
                Ok(())
            })
        })
        .await
    }

    async fn remove(&self, owner: KeyOwner) -> Result<()> {
        let id = owner.partition();
        self.run(move |folder| {
            folder.change(FileName::of(owner), |entries| {
                entries.retain(|entry| entry.owner != id);
                Ok(())
            })
        })
        .await
    }

    async fn of_partitions(&self, first: u8) -> Result<Vec<PartitionKeys>> {
        self.run(move |folder| {
            let entries = folder.read(FileName::Partitions(first))?;
            let of_one = entries.chunk_by(|one, next| one.owner == next.owner);
            let keys = of_one.filter_map(|entries| {
                Some(PartitionKeys {
                    partition: entries.first()?.owner,
                    envelopes: entries.iter().map(|entry| entry.envelope.clone()).collect(),
                })
            });
            Ok(keys.collect())
        })
        .await
    }

    fn place(&self, owner: KeyOwner) -> String {
        self.0.file(FileName::of(owner)).display().to_string()
    }
}

impl Folder {
    fn file(&self, name: FileName) -> PathBuf {
        self.path.join(name.to_string())
    }

    /// Returns the entries of a file. A file that does not exist has none.
    fn read(&self, name: FileName) -> Result<Vec<Entry>> {
        let file = self.file(name);
        let bytes = read_if_exists(&file)
            .map_err(|error| StoreError::failed(format!("reading the key file {}", file.display()), error))?;
        let Some(bytes) = bytes else { return Ok(Vec::new()) };
        parse(bytes.into(), self.store, name)
            .map_err(|flaw| StoreError::damaged(format!("the key file {}", file.display()), flaw.to_string()))
    }

    /// Changes the entries of a file. A damaged file is not changed. On return, the change is durable and was read back.
    fn change(&self, name: FileName, change: impl FnOnce(&mut Vec<Entry>) -> Result<()>) -> Result<()> {
        let file = self.file(name);
        let doing = || format!("changing the key file {}", file.display());
        let Some(changes) = &self.changes else {
            return Err(StoreError::failed(doing(), "the store is open for reading only"));
        };
        let lock = match name {
            FileName::Store => &changes.of_store,
            FileName::Partitions(first) => &changes.of_partitions[usize::from(first)],
        };
        let _not_frozen = changes.frozen.read().unwrap_or_else(PoisonError::into_inner);
        // The lock guards the file, which no panic leaves half changed.
        let _one_at_a_time = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.read(name)?;
        let mut after = before.clone();
        change(&mut after)?;
        // The folder is synced even if nothing changes: an earlier call may have failed to.
        if before == after {
            return sync_directory(&self.path).map_err(|error| StoreError::failed(doing(), error));
        }
        let bytes = encode(self.store, name, &after);
        replace_file(&file, &bytes).map_err(|error| StoreError::failed(doing(), error))?;
        if self.read(name)? != after {
            let why = "it does not contain what was just written";
            return Err(StoreError::damaged(
                format!("the key file {}", file.display()),
                why,
            ));
        }
        Ok(())
    }
}

/// Removes drafts: they may contain keys that are to be removed.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == NEW) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
