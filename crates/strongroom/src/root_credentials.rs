//! The file of the root credentials: the secret is sealed under a master key, so the data directory alone gives
//! nobody access to a running server.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use strongroom_access::{Credentials, SecretAccessKey};
use strongroom_keys::{Keyring, KeyringError};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, Place, Random, RowSeal, StoreKey};
use zeroize::Zeroizing;

use crate::private_file::{self, Readers};

const VERSION: u32 = 1;
/// The row that the secret is sealed for: a sealed secret opens as nothing else.
const ROW: &[u8] = b"root-credentials";

/// Why the root credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootCredentialsError {
    #[error("cannot use the root credentials in {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the root credentials in {} are damaged; make new ones with: strongroom credentials reset",
        .0.display()
    )]
    Damaged(PathBuf),
    #[error(
        "the root credentials in {} cannot be opened with this keyring; name the store's own with --keyring",
        path.display()
    )]
    Keyring { path: PathBuf, source: KeyringError },
    #[error("cannot seal the root credentials")]
    Seal(#[from] strongroom_seal::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsFile {
    version: u32,
    access_key_id: String,
    /// An envelope: a master key wraps the key that the secret is sealed under.
    key: String,
    secret: String,
}

/// Where they lie.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("root-credentials.toml")
}

/// Reads the root credentials; `None` when none were made yet.
pub(crate) fn read(path: &Path, keyring: &Keyring) -> Result<Option<Credentials>, RootCredentialsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(RootCredentialsError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    let damaged = || RootCredentialsError::Damaged(path.to_owned());
    let file: CredentialsFile = toml::from_str(&text).map_err(|_| damaged())?;
    let envelope = BASE64_STANDARD.decode(&file.key).map_err(|_| damaged())?;
    let envelope = Envelope::from_bytes(&envelope).map_err(|_| damaged())?;
    let sealed = BASE64_STANDARD.decode(&file.secret).map_err(|_| damaged())?;
    if file.version != VERSION {
        return Err(damaged());
    }
    let key: StoreKey =
        keyring
            .open(&envelope, Place::STORE)
            .map_err(|source| RootCredentialsError::Keyring {
                path: path.to_owned(),
                source,
            })?;
    let secret = RowSeal::new(&key)
        .open([0; 16], ROW, &sealed)
        .map_err(|_| damaged())?;
    let secret = String::from_utf8(secret).map_err(|_| damaged())?;
    Ok(Some(Credentials {
        access_key_id: file.access_key_id,
        secret: SecretAccessKey::new(secret),
    }))
}

/// Makes new root credentials in place of those that are there, if any.
pub(crate) fn make(
    path: &Path,
    keyring: &Keyring,
    random: &dyn Random,
) -> Result<Credentials, RootCredentialsError> {
    let mut bytes = Zeroizing::new([0; 58]);
    random.fill(&mut *bytes)?;
    let credentials = Credentials::from_random(&bytes);
    let key = StoreKey::generate(random)?;
    let envelope = keyring
        .wrap(&key, Mode::Credentials, Place::STORE, random)
        .map_err(|source| RootCredentialsError::Keyring {
            path: path.to_owned(),
            source,
        })?;
    let sealed = RowSeal::new(&key).seal([0; 16], ROW, credentials.secret.expose().as_bytes(), random)?;
    let file = CredentialsFile {
        version: VERSION,
        access_key_id: credentials.access_key_id.clone(),
        key: BASE64_STANDARD.encode(envelope.as_bytes()),
        secret: BASE64_STANDARD.encode(sealed),
    };
    let io = |source| RootCredentialsError::Io {
        path: path.to_owned(),
        source,
    };
    let text = toml::to_string(&file).map_err(|error| io(io::Error::other(error)))?;
    private_file::replace(path, text.as_bytes(), Readers::Owner).map_err(io)?;
    Ok(credentials)
}

#[cfg(test)]
mod tests;
