//! The local keyring: a file of keys, each encrypted under the root key, which is stored elsewhere.
//!
//! It contains two sorts of keys: *master keys* wrap the store's and the buckets' keys, and *named keys* are used for
//! SSE-KMS ([`BuiltInKms`]). The file is described in `docs/format.md`. A running server applies the changes that
//! `strongroom keys` makes to it ([`Keyring::reload`]).

use crate::keyring::content::Content;
use crate::keyring::error::KeyringError;
use crate::keyring::file::{File, read_text};
use crate::keyring::list::Listing;
use crate::keyring::snapshot::Snapshot;
use crate::root::RootSource;
use crate::root::error::RootError;
use crate::root::key_file;
use crate::root::kind::RootKind;
use crate::root::record::Root;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use strongroom_seal::keys::Wrapped;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random};

mod built_in_kms;
mod change;
pub(crate) mod content;
mod create;
mod document;
pub(crate) mod error;
mod file;
pub(crate) mod list;
mod named;
mod snapshot;
pub(crate) mod state;
mod version_1;

#[cfg(test)]
mod tests;

pub use built_in_kms::BuiltInKms;
pub use change::Changed;
pub use content::DEFAULT_LABEL;
pub use error::ChangeError;
pub use list::{ListedMaster, ListedNamed, ListedRoot, ListedVersion};
pub use state::{MasterState, NamedState};

/// Default name of the root key's file beside a keyring.
pub const ROOT_FILE: &str = "root.key";

/// The opened keys of a keyring, and the path of its file. The keys may change while it is in use.
pub struct Keyring {
    path: PathBuf,
    current: RwLock<Arc<Snapshot>>,
}

impl Keyring {
    /// Reads the keyring at `path`, whose root key is in the file `root.key` beside it.
    ///
    /// # Errors
    /// As [`Self::read_with`].
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let snapshot = match File::read(path)? {
            File::One(content) => Snapshot::read_only(content),
            File::Two(text, document) => {
                let given = RootKind::Key;
                let sealed_by = document.root.kind();
                let key = match sealed_by {
                    RootKind::Key => key_file::read(&root_beside(path)),
                    _ => Err(RootError::OtherKind { sealed_by, given }),
                };
                let root = key.and_then(|key| Root::matching(key, &document.root));
                let root = root.map_err(|source| KeyringError::root(path, source))?;
                Snapshot::open(path, text, document, Arc::new(root))?
            }
        };
        Ok(Self::with_snapshot(path, snapshot))
    }

    /// Reads the keyring at `path`, with the root key from `source`. A keyring of version 1 needs no root key, and is
    /// read-only.
    ///
    /// # Errors
    /// [`KeyringError::Missing`], [`KeyringError::Exposed`], [`KeyringError::Io`]; [`KeyringError::Root`] without the
    /// right root key; [`KeyringError::Altered`] if the file was changed by anything but this program;
    /// [`KeyringError::Invalid`] if it is not a keyring.
    pub async fn read_with(path: &Path, source: &RootSource) -> Result<Self, KeyringError> {
        let snapshot = match File::read(path)? {
            File::One(content) => Snapshot::read_only(content),
            File::Two(text, document) => {
                let root = source.recover(&document.root).await;
                let root = root.map_err(|source| KeyringError::root(path, source))?;
                Snapshot::open(path, text, document, Arc::new(root))?
            }
        };
        Ok(Self::with_snapshot(path, snapshot))
    }

    /// Returns whether a keyring sealed by a root key exists at `path`. False if there is none or it is of version 1:
    /// then a root key is yet to be chosen.
    ///
    /// # Errors
    /// [`KeyringError::Exposed`], [`KeyringError::Io`], [`KeyringError::Invalid`].
    pub fn is_sealed(path: &Path) -> Result<bool, KeyringError> {
        match File::read(path) {
            Ok(File::Two(..)) => Ok(true),
            Ok(File::One(_)) | Err(KeyringError::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads the file again if it has changed. Returns whether it has. If it cannot be read, or lacks a key that is in
    /// use, the keys in use stay.
    ///
    /// # Errors
    /// As [`Self::read_with`]; [`KeyringError::Resealed`], [`KeyringError::NotASuccessor`].
    pub fn reload(&self) -> Result<bool, KeyringError> {
        let snapshot = self.snapshot();
        let Some(root) = &snapshot.root else {
            return Err(KeyringError::ReadOnly);
        };
        let text = read_text(&self.path)?;
        if text == snapshot.text {
            return Ok(false);
        }
        let read = Snapshot::read_by(&self.path, text, root)?;
        snapshot.check_successor(&read, &self.path)?;
        self.replace(read);
        Ok(true)
    }

    /// Wraps `inner` under the current master key.
    ///
    /// # Errors
    /// [`KeyringError::Seal`].
    pub fn wrap<K: Wrapped>(
        &self,
        inner: &K,
        mode: Mode,
        place: Place<'_>,
        random: &dyn Random,
    ) -> Result<Envelope, KeyringError> {
        let snapshot = self.snapshot();
        let master = snapshot.current()?;
        Ok(Envelope::wrap(
            &master.key,
            &master.id,
            inner,
            mode,
            place,
            random,
        )?)
    }

    /// Opens an envelope with the master key that it names.
    ///
    /// # Errors
    /// [`KeyringError::UnknownMaster`]; [`KeyringError::Seal`] if the envelope does not open.
    pub fn open<K: Wrapped>(&self, envelope: &Envelope, place: Place<'_>) -> Result<K, KeyringError> {
        let snapshot = self.snapshot();
        let id = envelope.outer_id();
        let master = snapshot.content.master(id);
        let master = master.ok_or_else(|| KeyringError::UnknownMaster(id.to_owned()))?;
        let key: &OuterKey = &master.key;
        Ok(envelope.open(key, place)?)
    }

    /// Returns the id of the current master key, which wraps.
    ///
    /// # Errors
    /// None that an opened keyring can cause.
    pub fn current_id(&self) -> Result<String, KeyringError> {
        Ok(self.snapshot().current()?.id.clone())
    }

    /// Returns the id of the store that this keyring belongs to. `None`: it was never used.
    pub fn store(&self) -> Option<[u8; 16]> {
        self.snapshot().content.stores.last().copied()
    }

    /// Lists ids, labels, states and fingerprints of the keys.
    ///
    /// # Errors
    /// None that an opened keyring can cause.
    pub fn list(&self) -> Result<Listing, KeyringError> {
        let snapshot = self.snapshot();
        Ok(Listing::of(&snapshot.content, snapshot.root.as_deref())?)
    }

    /// Returns the path of the keyring's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn with_snapshot(path: &Path, snapshot: Snapshot) -> Self {
        Self {
            path: path.to_owned(),
            current: RwLock::new(Arc::new(snapshot)),
        }
    }

    /// Creates a read-only keyring without a file.
    pub(crate) fn without_file(content: Content) -> Self {
        Self::with_snapshot(Path::new(""), Snapshot::read_only(content))
    }

    /// Returns the current keys.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        // The value in the lock is replaced as a whole, so a panic of another thread leaves it intact.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

fn root_beside(path: &Path) -> PathBuf {
    path.with_file_name(ROOT_FILE)
}
