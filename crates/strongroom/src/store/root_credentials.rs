//! File of the root credentials. The secret is encrypted under a master key, so the data directory alone gives no
//! access to a running server.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use strongroom_access::{Credentials, SecretAccessKey};
use strongroom_audit::{Actor, Audit, AuditUnavailable, KeyEvent, KeyUse, NoAudit};
use strongroom_keys::{Keyring, KeyringError};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, Place, Random, RowSeal, StoreKey};
use zeroize::Zeroizing;

use crate::files::private_file::{self, Readers};
use crate::files::short_file;

const VERSION: u32 = 1;
/// Row key that binds the encrypted secret: it decrypts only as this row.
const ROW: &[u8] = b"root-credentials";
/// Stands for the id of the store in credentials of a keyring that was never used.
const NO_STORE: [u8; 16] = [0; 16];

/// Reasons why the root credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootCredentialsError {
    #[error("cannot access the root credentials in {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the root credentials in {} are damaged; create new ones with: strongroom credentials reset",
        .0.display()
    )]
    Damaged(PathBuf),
    #[error(
        "the root credentials in {} cannot be decrypted with this keyring; set the store's own keyring with --keyring",
        path.display()
    )]
    Keyring { path: PathBuf, source: KeyringError },
    #[error(
        "the root credentials in {} belong to another store than the keyring: restore the file of this store, or create \
         new ones with: strongroom credentials reset",
        .0.display()
    )]
    OtherStore(PathBuf),
    #[error("cannot encrypt the root credentials")]
    Seal(#[from] strongroom_seal::Error),
    #[error("the root credentials were not used")]
    Audit(#[from] AuditUnavailable),
}

/// Audit log for uses of a master key, and the actor to record.
pub(crate) struct AuditContext<'a> {
    pub(crate) audit: &'a dyn Audit,
    /// `None`: the server itself.
    pub(crate) actor: Option<Actor>,
}

impl AuditContext<'_> {
    /// For commands, which write their audit events themselves because a running server may hold the log.
    pub(crate) const NONE: AuditContext<'static> = AuditContext {
        audit: &NoAudit,
        actor: None,
    };

    fn record(&self, what: KeyUse, master: &str) -> Result<(), AuditUnavailable> {
        self.audit.record(&KeyEvent {
            actor: self.actor.clone(),
            what,
            bucket: "",
            object: "",
            version: None,
            mode: Some(Mode::Credentials),
            key_id: master,
            result: "ok",
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsFile {
    version: u32,
    /// Id of the store, in hex. The secret is bound to it.
    store: String,
    access_key_id: String,
    /// Envelope in which a master key wraps the key that encrypts the secret.
    key: String,
    secret: String,
}

/// Returns the path of the file.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("root-credentials.toml")
}

/// Locks the root credentials against changes by others until the returned file is dropped.
pub(crate) fn lock(path: &Path) -> Result<File, RootCredentialsError> {
    private_file::lock(path).map_err(|error| io_error(path, error))
}

/// Reads the root credentials. `None`: none were created yet.
pub(crate) fn read(
    path: &Path,
    keyring: &Keyring,
    context: &AuditContext<'_>,
) -> Result<Option<Credentials>, RootCredentialsError> {
    let Some(file) = CredentialsFile::read(path)? else {
        return Ok(None);
    };
    context.audit.ready()?;
    let envelope = file.envelope(path)?;
    let key = open(&envelope, path, keyring)?;
    let secret = file.secret(path, &key)?;
    let store = file.store(path)?;
    context.record(KeyUse::Unwrap, envelope.outer_id())?;
    // Credentials from before the keyring was used belong to no store, and such a keyring to none.
    if store != NO_STORE && keyring.store().is_some_and(|noted| noted != store) {
        return Err(RootCredentialsError::OtherStore(path.to_owned()));
    }
    Ok(Some(Credentials {
        access_key_id: file.access_key_id,
        secret,
    }))
}

/// Creates new root credentials, replacing existing ones.
pub(crate) fn create(
    path: &Path,
    keyring: &Keyring,
    random: &dyn Random,
    context: &AuditContext<'_>,
) -> Result<Credentials, RootCredentialsError> {
    context.audit.ready()?;
    let _lock = lock(path)?;
    match keyring.reload() {
        // A version 1 keyring changes only at its first start.
        Ok(_) | Err(KeyringError::ReadOnly) => {}
        // The master key that wraps them may have been deleted while this call waited for the lock.
        Err(error) => return Err(not_opened(path, error)),
    }
    let mut bytes = Zeroizing::new([0; 58]);
    random.fill(&mut *bytes)?;
    let credentials = Credentials::from_random(&bytes);
    let key = StoreKey::generate(random)?;
    let envelope = wrap(&key, path, keyring, random)?;
    let store = store_of(keyring);
    let sealed = RowSeal::new(&key).seal(store, ROW, credentials.secret.expose().as_bytes(), random)?;
    let file = CredentialsFile {
        version: VERSION,
        store: hex::encode(store),
        access_key_id: credentials.access_key_id.clone(),
        key: BASE64_STANDARD.encode(envelope.as_bytes()),
        secret: BASE64_STANDARD.encode(sealed),
    };
    file.write(path)?;
    context.record(KeyUse::Wrap, envelope.outer_id())?;
    Ok(credentials)
}

/// Returns the id of the master key that wraps the root credentials' key. `None`: none were created yet.
pub(crate) fn master(path: &Path) -> Result<Option<String>, RootCredentialsError> {
    let Some(file) = CredentialsFile::read(path)? else {
        return Ok(None);
    };
    Ok(Some(file.envelope(path)?.outer_id().to_owned()))
}

/// Rewraps the key of the root credentials if it is not under the current master key; the credentials stay the same.
/// Returns whether it was rewrapped. `None`: none were created yet.
pub(crate) fn rewrap(
    path: &Path,
    keyring: &Keyring,
    random: &dyn Random,
    context: &AuditContext<'_>,
) -> Result<Option<bool>, RootCredentialsError> {
    context.audit.ready()?;
    // Without the lock, a reset during the rewrap would be lost and the old credentials would be in force again.
    let _lock = lock(path)?;
    let Some(mut file) = CredentialsFile::read(path)? else {
        return Ok(None);
    };
    let envelope = file.envelope(path)?;
    let current = keyring.current_id().map_err(|error| not_opened(path, error))?;
    if envelope.outer_id() == current {
        return Ok(Some(false));
    }
    let key = open(&envelope, path, keyring)?;
    let envelope = wrap(&key, path, keyring, random)?;
    file.key = BASE64_STANDARD.encode(envelope.as_bytes());
    file.write(path)?;
    context.record(KeyUse::Roll, envelope.outer_id())?;
    Ok(Some(true))
}

/// Lets the root credentials belong to the store that the keyring belongs to; the credentials stay the same.
pub(crate) fn adopt(
    path: &Path,
    keyring: &Keyring,
    random: &dyn Random,
    context: &AuditContext<'_>,
) -> Result<(), RootCredentialsError> {
    context.audit.ready()?;
    let _lock = lock(path)?;
    let Some(mut file) = CredentialsFile::read(path)? else {
        return Ok(());
    };
    let store = store_of(keyring);
    if file.store(path)? == store {
        return Ok(());
    }
    let envelope = file.envelope(path)?;
    let key = open(&envelope, path, keyring)?;
    let secret = file.secret(path, &key)?;
    let sealed = RowSeal::new(&key).seal(store, ROW, secret.expose().as_bytes(), random)?;
    file.store = hex::encode(store);
    file.secret = BASE64_STANDARD.encode(sealed);
    context.record(KeyUse::Unwrap, envelope.outer_id())?;
    file.write(path)
}

fn store_of(keyring: &Keyring) -> [u8; 16] {
    keyring.store().unwrap_or(NO_STORE)
}

impl CredentialsFile {
    /// Reads the file. `None`: it does not exist.
    fn read(path: &Path) -> Result<Option<Self>, RootCredentialsError> {
        let text = match short_file::read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error(path, source)),
        };
        match toml::from_str::<Self>(&text) {
            Ok(file) if file.version == VERSION => Ok(Some(file)),
            _ => Err(RootCredentialsError::Damaged(path.to_owned())),
        }
    }

    /// Replaces the file. Durable on return.
    fn write(&self, path: &Path) -> Result<(), RootCredentialsError> {
        let text = toml::to_string(self).map_err(|error| io_error(path, io::Error::other(error)))?;
        private_file::replace(path, text.as_bytes(), Readers::Owner).map_err(|error| io_error(path, error))
    }

    fn store(&self, path: &Path) -> Result<[u8; 16], RootCredentialsError> {
        let mut store = [0; 16];
        hex::decode_to_slice(&self.store, &mut store)
            .map_err(|_| RootCredentialsError::Damaged(path.to_owned()))?;
        Ok(store)
    }

    /// Decrypts the secret.
    fn secret(&self, path: &Path, key: &StoreKey) -> Result<SecretAccessKey, RootCredentialsError> {
        let damaged = || RootCredentialsError::Damaged(path.to_owned());
        let sealed = BASE64_STANDARD.decode(&self.secret).map_err(|_| damaged())?;
        let secret = RowSeal::new(key).open(self.store(path)?, ROW, &sealed);
        let secret = String::from_utf8(secret.map_err(|_| damaged())?).map_err(|_| damaged())?;
        Ok(SecretAccessKey::new(secret))
    }

    fn envelope(&self, path: &Path) -> Result<Envelope, RootCredentialsError> {
        let bytes = BASE64_STANDARD.decode(&self.key).ok();
        let envelope = bytes.and_then(|bytes| Envelope::from_bytes(&bytes).ok());
        envelope.ok_or_else(|| RootCredentialsError::Damaged(path.to_owned()))
    }
}

fn open(envelope: &Envelope, path: &Path, keyring: &Keyring) -> Result<StoreKey, RootCredentialsError> {
    let key = keyring.open(envelope, Place::STORE);
    key.map_err(|error| not_opened(path, error))
}

fn wrap(
    key: &StoreKey,
    path: &Path,
    keyring: &Keyring,
    random: &dyn Random,
) -> Result<Envelope, RootCredentialsError> {
    let envelope = keyring.wrap(key, Mode::Credentials, Place::STORE, random);
    envelope.map_err(|error| not_opened(path, error))
}

fn not_opened(path: &Path, source: KeyringError) -> RootCredentialsError {
    RootCredentialsError::Keyring {
        path: path.to_owned(),
        source,
    }
}

fn io_error(path: &Path, source: io::Error) -> RootCredentialsError {
    RootCredentialsError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
