//! The local keyring: a file of keys, each sealed by the root key, which lies elsewhere.
//!
//! Two sorts of keys: *master keys* wrap the store's and the buckets' keys, and *named keys* are what SSE-KMS asks for
//! ([`crate::kms::BuiltIn`]). The file is described in `docs/format.md`. A running server takes up what `strongroom keys`
//! changes in it ([`Keyring::reload`]).

use crate::keyring::content::Content;
use crate::keyring::error::KeyringError;
use crate::keyring::file::{File, read_text};
use crate::keyring::held::Held;
use crate::keyring::list::Listing;
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
mod held;
pub(crate) mod list;
mod named;
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

/// Name of the root key's file beside a keyring, where nothing else was said.
pub const ROOT_FILE: &str = "root.key";

/// The keys of a keyring, opened, and where its file lies. They may change while it is in use.
pub struct Keyring {
    path: PathBuf,
    held: RwLock<Arc<Held>>,
}

impl Keyring {
    /// Reads the keyring at `path`, whose root key lies in the file `root.key` beside it.
    ///
    /// # Errors
    /// As [`Self::read_with`].
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let held = match File::read(path)? {
            File::One(content) => Held::read_only(content),
            File::Two(text, document) => {
                let given = RootKind::Key;
                let sealed_by = document.root.kind();
                let key = match sealed_by {
                    RootKind::Key => key_file::read(&root_beside(path)),
                    _ => Err(RootError::OtherKind { sealed_by, given }),
                };
                let root = key.and_then(|key| Root::matching(key, &document.root));
                let root = root.map_err(|source| KeyringError::root(path, source))?;
                Held::open(path, text, document, Arc::new(root))?
            }
        };
        Ok(Self::holding(path, held))
    }

    /// Reads the keyring at `path`, which `source` opens. One of version 1 needs no root key, and can only be read.
    ///
    /// # Errors
    /// [`KeyringError::Missing`], [`KeyringError::Exposed`], [`KeyringError::Io`]; [`KeyringError::Root`] without the
    /// right root key; [`KeyringError::Altered`] when the file is not as it was written, [`KeyringError::Invalid`] when
    /// it is no keyring.
    pub async fn read_with(path: &Path, source: &RootSource) -> Result<Self, KeyringError> {
        let held = match File::read(path)? {
            File::One(content) => Held::read_only(content),
            File::Two(text, document) => {
                let root = source.recover(&document.root).await;
                let root = root.map_err(|source| KeyringError::root(path, source))?;
                Held::open(path, text, document, Arc::new(root))?
            }
        };
        Ok(Self::holding(path, held))
    }

    /// Whether there is a keyring at `path` that a root key seals. Not so where there is none, and where one of version 1
    /// lies: for these a root key is yet to be chosen.
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

    /// Takes up the file if it is another one than was read, and tells whether it was. If it cannot be, or lacks a key
    /// that is held, the keys in use stay.
    ///
    /// # Errors
    /// As [`Self::read_with`]; [`KeyringError::Resealed`], [`KeyringError::NotASuccessor`].
    pub fn reload(&self) -> Result<bool, KeyringError> {
        let held = self.held();
        let Some(root) = &held.root else {
            return Err(KeyringError::ReadOnly);
        };
        let text = read_text(&self.path)?;
        if text == held.text {
            return Ok(false);
        }
        let read = Held::read_by(&self.path, text, root)?;
        held.must_precede(&read, &self.path)?;
        self.hold(read);
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
        let held = self.held();
        let master = held.current()?;
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
    /// [`KeyringError::UnknownMaster`]; [`KeyringError::Seal`] when the envelope does not open.
    pub fn open<K: Wrapped>(&self, envelope: &Envelope, place: Place<'_>) -> Result<K, KeyringError> {
        let held = self.held();
        let id = envelope.outer_id();
        let master = held.content.master(id);
        let master = master.ok_or_else(|| KeyringError::UnknownMaster(id.to_owned()))?;
        let key: &OuterKey = &master.key;
        Ok(envelope.open(key, place)?)
    }

    /// Id of the master key that wraps.
    ///
    /// # Errors
    /// None that a keyring that was read can have.
    pub fn current_id(&self) -> Result<String, KeyringError> {
        Ok(self.held().current()?.id.clone())
    }

    /// What there is to tell of the keys: ids, labels, states, fingerprints.
    ///
    /// # Errors
    /// None that a keyring that was read can have.
    pub fn list(&self) -> Result<Listing, KeyringError> {
        let held = self.held();
        Ok(Listing::of(&held.content, held.root.as_deref())?)
    }

    /// Where its file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn holding(path: &Path, held: Held) -> Self {
        Self {
            path: path.to_owned(),
            held: RwLock::new(Arc::new(held)),
        }
    }

    /// A keyring that has no file, and can only be read.
    pub(crate) fn without_file(content: Content) -> Self {
        Self::holding(Path::new(""), Held::read_only(content))
    }

    /// The keys as they are now.
    pub(crate) fn held(&self) -> Arc<Held> {
        // What is in the lock is replaced whole, so a panic elsewhere leaves it whole.
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
    }
}

fn root_beside(path: &Path) -> PathBuf {
    path.with_file_name(ROOT_FILE)
}
