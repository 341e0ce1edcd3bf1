//! Creating a keyring: new, by upgrade from version 1, or under another root key.

use crate::created::Created;
use crate::keyring::content::{Content, DEFAULT_LABEL, NamedKey};
use crate::keyring::error::{ChangeError, KeyringError};
use crate::keyring::file::{File, read_text};
use crate::keyring::snapshot::Snapshot;
use crate::keyring::{Keyring, root_beside};
use crate::private::{self, Lock};
use crate::root::RootSource;
use crate::root::key_file;
use crate::root::record::Root;
use std::path::Path;
use std::sync::Arc;
use strongroom_seal::Random;
use time::OffsetDateTime;
use zeroize::Zeroizing;

impl Keyring {
    /// Creates a keyring at `path`, where no file may exist, encrypted under the root key in the file `root.key` beside
    /// it, which is created if it does not exist. Durable on return.
    ///
    /// # Errors
    /// As [`Self::create_with`].
    pub fn create(path: &Path, random: &dyn Random) -> Result<Self, KeyringError> {
        let _lock = lock_new(path)?;
        let root = key_file::read_or_create(&root_beside(path), random).and_then(Root::of_key);
        let root = root.map_err(|source| KeyringError::root(path, source))?;
        let content = Content::generate(Created::at(OffsetDateTime::now_utc()), random)?;
        Self::write_new(path, &content, root, random)
    }

    /// Creates a keyring at `path`, where no file may exist, encrypted under the root key from `source`: one master
    /// key, and one named key with the label `default`. Durable on return.
    ///
    /// # Errors
    /// [`KeyringError::Io`] (also if the file exists), [`KeyringError::Root`]; [`KeyringError::Seal`] if there is no
    /// randomness.
    pub async fn create_with(
        path: &Path,
        source: &RootSource,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Result<Self, KeyringError> {
        let content = Content::generate(Created::at(now), random)?;
        Self::create_holding(path, &content, source, random).await
    }

    /// Upgrades a keyring of version 1 to version 2 atomically, encrypting its keys under the root key from `source`.
    /// Returns whether there was anything to do. Durable on return.
    ///
    /// # Errors
    /// As [`Self::read_with`] and [`Self::create_with`].
    pub async fn upgrade(
        &self,
        source: &RootSource,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Result<bool, KeyringError> {
        if self.snapshot().root.is_some() {
            return Ok(false);
        }
        let _lock = lock(&self.path)?;
        let mut content = match File::read(&self.path)? {
            File::One(content) => content,
            // Another process has upgraded it already.
            File::Two(text, document) => {
                let root = source.recover(&document.root).await;
                let root = root.map_err(|source| KeyringError::root(&self.path, source))?;
                self.replace(Snapshot::open(&self.path, text, document, Arc::new(root))?);
                return Ok(false);
            }
        };
        let named = NamedKey::generate(DEFAULT_LABEL, Created::at(now), random)?;
        content.named.push(named);
        let root = source.establish(random).await;
        let root = root.map_err(|source| KeyringError::root(&self.path, source))?;
        self.write(&content, Arc::new(root), random)?;
        Ok(true)
    }

    /// Encrypts the keyring under another root key. Durable on return. Copies of the old file still open with the old
    /// root key.
    ///
    /// # Errors
    /// As [`Self::read_with`]; [`KeyringError::NewRoot`], [`ChangeError::SameRoot`].
    pub async fn reseal(&self, to: &RootSource, random: &dyn Random) -> Result<(), KeyringError> {
        let snapshot = self.snapshot();
        let from = snapshot.root.as_ref().ok_or(KeyringError::ReadOnly)?;
        let root = to.establish(random).await;
        let root = root.map_err(|source| KeyringError::NewRoot {
            path: self.path.clone(),
            source,
        })?;
        if root.record.fingerprint() == from.record.fingerprint() {
            return Err(ChangeError::SameRoot.into());
        }
        let _lock = lock(&self.path)?;
        let read = Snapshot::read_by(&self.path, read_text(&self.path)?, from)?;
        snapshot.check_successor(&read, &self.path)?;
        self.write(&read.content, Arc::new(root), random)
    }

    pub(crate) async fn create_holding(
        path: &Path,
        content: &Content,
        source: &RootSource,
        random: &dyn Random,
    ) -> Result<Self, KeyringError> {
        // Checked before a root key is created beside an existing keyring.
        drop(lock_new(path)?);
        let root = source.establish(random).await;
        let root = root.map_err(|source| KeyringError::root(path, source))?;
        let _lock = lock(path)?;
        Self::write_new(path, content, root, random)
    }

    fn write_new(
        path: &Path,
        content: &Content,
        root: Root,
        random: &dyn Random,
    ) -> Result<Self, KeyringError> {
        let snapshot = sealed(path, content, Arc::new(root), random)?;
        private::create(path, snapshot.text.as_bytes()).map_err(|error| KeyringError::io(path, error))?;
        Ok(Self::with_snapshot(path, snapshot))
    }

    /// Writes `content` to the file and brings it into use. The caller holds the lock.
    pub(super) fn write(
        &self,
        content: &Content,
        root: Arc<Root>,
        random: &dyn Random,
    ) -> Result<(), KeyringError> {
        let snapshot = sealed(&self.path, content, root, random)?;
        private::replace(&self.path, snapshot.text.as_bytes())
            .map_err(|error| KeyringError::io(&self.path, error))?;
        self.replace(snapshot);
        Ok(())
    }
}

/// Encrypts `content` and opens it again: a keyring that does not open is never written.
fn sealed(
    path: &Path,
    content: &Content,
    root: Arc<Root>,
    random: &dyn Random,
) -> Result<Snapshot, KeyringError> {
    let text = content.seal(&root, random)?.text(&root);
    let text = text.map_err(|error| KeyringError::io(path, std::io::Error::other(error)))?;
    match File::parse(path, Zeroizing::new(text), None)? {
        File::Two(text, document) => Snapshot::open(path, text, document, root),
        File::One(_) => Err(KeyringError::Altered(path.to_owned())),
    }
}

/// Locks a path where no keyring may exist.
fn lock_new(path: &Path) -> Result<Lock, KeyringError> {
    let lock = lock(path)?;
    if path.exists() {
        return Err(KeyringError::io(path, std::io::ErrorKind::AlreadyExists.into()));
    }
    Ok(lock)
}

pub(super) fn lock(path: &Path) -> Result<Lock, KeyringError> {
    Lock::on(path).map_err(|error| KeyringError::io(path, error))
}
