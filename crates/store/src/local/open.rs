//! The two steps of opening a local store.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::integrity::CommitHead;
use crate::local::blobs::LocalBlobs;
use crate::local::blocking;
use crate::local::directory::{self, Directory};
use crate::local::history::History;
use crate::local::index::LocalIndex;
use crate::local::key_files::KeyFiles;
use crate::local::layout::Layout;
use crate::local::log::Origin;
use crate::local::recover;
use crate::local::settings::LocalSettings;
use crate::local::snapshot::LocalSnapshots;
use crate::prepared::{Prepared, Recovery};
use crate::store::Store;
use crate::wrapped_keys::WrappedKeys;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A store that was found in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundStore {
    /// Id of the store.
    pub id: StoreId,
    /// Is true until the store's creation is complete: nothing was ever acknowledged in it.
    pub is_new: bool,
}

impl Store {
    /// Looks for a store in a directory, and changes nothing. `None`: there is nothing of a store.
    ///
    /// # Errors
    /// As [`Self::prepare`], if another process does not have it open.
    pub fn find(path: &Path) -> Result<Option<FoundStore>> {
        let found = directory::find(path)?;
        Ok(found.map(|(id, is_new)| FoundStore { id, is_new }))
    }

    /// Returns the wrapped keys of the store in a directory, for reading without a lock.
    pub fn keys_at(path: &Path, id: StoreId) -> impl WrappedKeys + use<> {
        KeyFiles::read_only(Layout::of(path.to_owned()).keys(), id)
    }

    /// Locks the store in a directory, which is created if it does not exist, and reads its id and wrapped keys.
    ///
    /// # Errors
    /// [`crate::StoreError::InUse`] if another process has the directory open; [`crate::StoreError::Damaged`] if parts
    /// of the store are missing; [`crate::StoreError::Failed`] if it has another format.
    pub async fn prepare(path: impl Into<PathBuf>, settings: LocalSettings) -> Result<Prepared> {
        let path = path.into();
        let doing = format!("opening the directory {}", path.display());
        blocking::run(doing, move || {
            let directory = Arc::new(Directory::open(&path)?);
            let keys = Arc::new(KeyFiles::open(&directory)?);
            let (id, is_new) = (directory.format.id, directory.is_new);
            let recovery = LocalRecovery {
                directory,
                keys: Arc::clone(&keys),
                settings,
            };
            let timeline = recovery.directory.format.timeline;
            let prepared = Prepared::new(id, is_new, keys as Arc<dyn WrappedKeys>, Box::new(recovery));
            Ok(prepared.on_timeline(timeline))
        })
        .await
    }
}

/// Second step of opening a local store.
struct LocalRecovery {
    directory: Arc<Directory>,
    keys: Arc<KeyFiles>,
    settings: LocalSettings,
}

#[async_trait]
impl Recovery for LocalRecovery {
    async fn recover(
        self: Box<Self>,
        authenticator: Arc<dyn Authenticator>,
        noted: Option<CommitHead>,
    ) -> Result<Store> {
        let doing = format!("opening the directory {}", self.directory.layout.path().display());
        blocking::run(doing, move || {
            let origin = Origin::from(self.directory.format);
            let directory = Arc::clone(&self.directory);
            let recovered = if directory.is_new {
                recover::create(directory, origin, Arc::clone(&authenticator), &self.settings)?
            } else {
                recover::recover(
                    directory,
                    origin,
                    Arc::clone(&authenticator),
                    &self.settings,
                    noted,
                )?
            };
            let layout = &self.directory.layout;
            let history = History::open(layout, self.settings.history, &recovered.mark)
                .map_err(|error| StoreError::failed("opening the history of the store", error))?;
            let index = LocalIndex::new(recovered, history.clone())?;
            // Last, so that a start that was interrupted is repeated as the first one.
            self.directory.complete_creation()?;
            let index = Arc::new(index);
            let snapshots = LocalSnapshots {
                directory: Arc::clone(&self.directory),
                upkeep: Arc::clone(index.upkeep()),
                keys: Arc::clone(&self.keys),
                authenticator,
                history: history.clone(),
                turns: Arc::default(),
            };
            Ok(Store {
                snapshots: Arc::new(snapshots),
                integrity: Arc::clone(&index) as _,
                index,
                blobs: Arc::new(LocalBlobs::new(
                    self.directory,
                    self.settings.reserve_bytes,
                    history,
                )),
                keys: self.keys,
            })
        })
        .await
    }
}
