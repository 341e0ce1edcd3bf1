//! A store in a directory of one machine: rows in an embedded database, each blob a file.
//!
//! docs/format-store.md describes the layout.

mod blob_file;
mod blobs;
mod blocking;
mod buffers;
mod committer;
mod database;
mod database_error;
mod directory;
mod disk_room;
mod draft;
mod index;
mod io_error;
mod layout;
mod listing;
mod lost;
mod pace;
mod pending;
mod read_only_blobs;
mod read_only_store;
mod reader;
mod removal;
mod row_key;
pub(crate) mod settings;
mod shards;
mod writability;
mod writer;

pub use read_only_store::{IfRunning, ReadOnlyError, ReadOnlyStore};

use crate::error::Result;
use crate::local::settings::LocalSettings;
use crate::store::Store;
use directory::Directory;
use std::path::PathBuf;
use std::sync::Arc;

impl Store {
    /// Opens the store in a directory, which is created if it does not exist. Leftovers of a crash are cleaned up
    /// first.
    ///
    /// # Errors
    /// [`crate::StoreError::InUse`] if another process has the directory open; [`crate::StoreError::Failed`] if it
    /// contains something else, or a store of another format.
    pub async fn local(path: impl Into<PathBuf>, settings: LocalSettings) -> Result<Self> {
        let path = path.into();
        let doing = format!("opening the directory {}", path.display());
        blocking::run(doing, move || {
            let directory = Arc::new(Directory::open(&path)?);
            Ok(Self {
                index: Arc::new(index::LocalIndex::open(&directory, &settings)?),
                blobs: Arc::new(blobs::LocalBlobs::new(directory, settings.reserve_bytes)),
            })
        })
        .await
    }
}
