//! The two steps of opening a local store.

use crate::authenticator::{Authenticator, MacPurpose};
use crate::error::{Result, StoreError};
use crate::local::blobs::LocalBlobs;
use crate::local::blocking;
use crate::local::directory::Directory;
use crate::local::index::LocalIndex;
use crate::local::key_files::KeyFiles;
use crate::local::log::Origin;
use crate::local::recover;
use crate::local::settings::LocalSettings;
use crate::local::snapshot::LocalSnapshots;
use crate::prepared::{Prepared, Recovery};
use crate::store::Store;
use crate::wrapped_keys::WrappedKeys;
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;

impl Store {
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
            Ok(Prepared::new(
                id,
                is_new,
                keys as Arc<dyn WrappedKeys>,
                Box::new(recovery),
            ))
        })
        .await
    }
}

impl Store {
    /// Takes both steps for callers that do not open the store's key first.
    pub async fn local(path: impl Into<PathBuf>, settings: LocalSettings) -> Result<Self> {
        let prepared = Self::prepare(path, settings).await?;
        prepared.recover(Arc::new(NoKey)).await
    }
}

struct NoKey;

impl Authenticator for NoKey {
    fn mac(&self, _purpose: MacPurpose, _parts: &[&[u8]]) -> [u8; 32] {
        [0; 32]
    }

    fn seal(&self, _context: &[u8], _plain: &[u8]) -> Result<Vec<u8>> {
        Err(StoreError::Closing)
    }

    fn open(&self, _context: &[u8], _sealed: &[u8]) -> Option<Vec<u8>> {
        None
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
    async fn recover(self: Box<Self>, authenticator: Arc<dyn Authenticator>) -> Result<Store> {
        let doing = format!("opening the directory {}", self.directory.layout.path().display());
        blocking::run(doing, move || {
            let origin = Origin::from(self.directory.format);
            let directory = Arc::clone(&self.directory);
            let open = if directory.is_new {
                recover::create
            } else {
                recover::recover
            };
            let recovered = open(directory, origin, Arc::clone(&authenticator), &self.settings)?;
            let index = LocalIndex::new(recovered)?;
            // Last, so that a start that was interrupted is repeated as the first one.
            self.directory.complete_creation()?;
            let index = Arc::new(index);
            let snapshots = LocalSnapshots {
                directory: Arc::clone(&self.directory),
                upkeep: Arc::clone(index.upkeep()),
                keys: Arc::clone(&self.keys),
                authenticator,
            };
            Ok(Store {
                snapshots: Arc::new(snapshots),
                integrity: Arc::clone(&index) as _,
                index,
                blobs: Arc::new(LocalBlobs::new(self.directory)),
                keys: self.keys,
            })
        })
        .await
    }
}
