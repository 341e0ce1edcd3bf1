//! The local keyring: a file of master keys, mode 0600.
//!
//! ```toml
//! version = 1
//! current = "m-9f86d081884c7d65"
//!
//! [[master]]
//! id = "m-9f86d081884c7d65"
//! key = "base64 of 32 bytes"
//! ```
//!
//! Key ids are random, never names: a key made anew under an old name could not be told from the lost one.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use strongroom_seal::keys::Wrapped;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random, random};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

const VERSION: u32 = 1;
const HEAD: &str = "# Strongroom's master keys. Whoever has this file and the data directory can read everything that\n\
                    # was not sealed with a customer's own key; without this file nobody can. Keep a copy elsewhere.\n";

/// Master keys by id, one of them current.
pub struct Keyring {
    current: String,
    masters: BTreeMap<String, OuterKey>,
}

/// Why a keyring could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The file is not there.
    #[error("there is no keyring at {}", .0.display())]
    Missing(PathBuf),
    /// The file could not be read or written.
    #[error("the keyring {} cannot be used: {source}", path.display())]
    Io {
        /// The keyring's file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than the owner may read the file.
    #[error("the keyring {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The keyring's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a keyring. The reason never quotes the file.
    #[error("the keyring {} is not valid: {why}", path.display())]
    Invalid {
        /// The keyring's file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An envelope names a master key that the keyring does not hold.
    #[error(
        "the keyring does not hold master key {0}, which this data is sealed under; is it the right keyring?"
    )]
    UnknownMaster(String),
    /// Sealing or opening under a master key failed.
    #[error("{0}")]
    Seal(#[from] strongroom_seal::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyringFile {
    version: u32,
    current: String,
    master: Vec<MasterEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MasterEntry {
    id: String,
    key: Zeroizing<String>,
}

impl Keyring {
    /// Reads the keyring at `path`.
    ///
    /// # Errors
    /// [`KeyringError::Missing`], [`KeyringError::Exposed`], [`KeyringError::Invalid`], [`KeyringError::Io`].
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let io = |source| KeyringError::Io {
            path: path.to_owned(),
            source,
        };
        let invalid = |why| KeyringError::Invalid {
            path: path.to_owned(),
            why,
        };

        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyringError::Missing(path.to_owned()));
            }
            Err(error) => return Err(io(error)),
        };
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyringError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(io)?;

        let file: KeyringFile =
            toml::from_str(&text).map_err(|_| invalid("it is not the TOML of a keyring"))?;
        if file.version != VERSION {
            return Err(invalid("its version is not 1"));
        }
        let mut masters = BTreeMap::new();
        for entry in file.master {
            let bytes = BASE64_STANDARD.decode(entry.key.as_bytes()).map(Zeroizing::new);
            let key = bytes
                .ok()
                .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            let key = key.ok_or_else(|| invalid("a master key is not the base64 of 32 bytes"))?;
            masters.insert(entry.id, OuterKey::from_bytes(Zeroizing::new(key)));
        }
        if !masters.contains_key(&file.current) {
            return Err(invalid("its current master key is not in it"));
        }
        Ok(Self {
            current: file.current,
            masters,
        })
    }

    /// Makes a keyring with one new master key at `path`, where no file may be. Durable on return.
    ///
    /// # Errors
    /// [`KeyringError::Io`] (also when the file exists), [`KeyringError::Seal`] when there is no randomness.
    pub fn create(path: &Path, source: &dyn Random) -> Result<Self, KeyringError> {
        let io = |source| KeyringError::Io {
            path: path.to_owned(),
            source,
        };
        let key = OuterKey::generate(source)?;
        let id = format!("m-{}", hex::encode(random::bytes::<8>(source)?));
        let entry = MasterEntry {
            id: id.clone(),
            key: Zeroizing::new(BASE64_STANDARD.encode(key.expose())),
        };
        let file = KeyringFile {
            version: VERSION,
            current: id.clone(),
            master: vec![entry],
        };
        let text = toml::to_string(&file).map(Zeroizing::new);
        let text = text.map_err(|error| io(std::io::Error::other(error)))?;

        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(io)?;
        write_new(path, folder, &[HEAD.as_bytes(), text.as_bytes()]).map_err(io)?;
        Ok(Self {
            current: id.clone(),
            masters: BTreeMap::from([(id, key)]),
        })
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
        let master = self.master(&self.current)?;
        Ok(Envelope::wrap(master, &self.current, inner, mode, place, random)?)
    }

    /// Opens an envelope with the master key that it names.
    ///
    /// # Errors
    /// [`KeyringError::UnknownMaster`]; [`KeyringError::Seal`] when the envelope does not open.
    pub fn open<K: Wrapped>(&self, envelope: &Envelope, place: Place<'_>) -> Result<K, KeyringError> {
        Ok(envelope.open(self.master(envelope.outer_id())?, place)?)
    }

    /// The id of the master key that wraps from now on.
    ///
    /// # Errors
    /// None.
    pub fn current_id(&self) -> Result<String, KeyringError> {
        Ok(self.current.clone())
    }

    fn master(&self, id: &str) -> Result<&OuterKey, KeyringError> {
        self.masters
            .get(id)
            .ok_or_else(|| KeyringError::UnknownMaster(id.to_owned()))
    }
}

/// Writes a file that only its owner may read, whole or not at all, and never over one that is there. A crash leaves at
/// most a file with another name beside it, which the next attempt replaces.
fn write_new(path: &Path, folder: &Path, texts: &[&[u8]]) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    // Whatever the umask left of the mode.
    file.set_permissions(Permissions::from_mode(0o600))?;
    texts.iter().try_for_each(|text| file.write_all(text))?;
    file.sync_all()?;
    // Unlike a rename, a link fails where there is a file.
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    linked?;
    File::open(folder)?.sync_all()
}
