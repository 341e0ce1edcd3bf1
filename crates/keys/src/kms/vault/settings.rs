//! Settings of a transit engine.

use crate::kms::http::{Address, SetupError};
use std::path::PathBuf;

/// Location of a transit engine, and the login to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultSettings {
    /// `https://HOST[:PORT]`.
    pub address: String,
    /// Mount path of the transit engine: `transit` by default.
    pub mount: String,
    /// The namespace, if the server has namespaces.
    pub namespace: Option<String>,
    /// Certificates of the authorities to trust. `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Method of authentication.
    pub login: VaultLogin,
}

impl VaultSettings {
    /// Validates the settings without network and file access.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn check(&self) -> Result<(), SetupError> {
        Address::read(&self.address)?;
        path_of(&self.mount, "mount path of a transit engine")?;
        if let VaultLogin::AppRole { mount, .. } = &self.login {
            path_of(mount, "mount path of AppRole")?;
        }
        if let Some(namespace) = &self.namespace {
            path_of(namespace, "namespace")?;
        }
        Ok(())
    }

    /// Returns the path of the token file.
    pub fn token_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(path) => Some(path),
            VaultLogin::AppRole { .. } => None,
        }
    }

    /// Returns the mount path of `AppRole`.
    pub fn approle_mount(&self) -> Option<&String> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { mount, .. } => Some(mount),
        }
    }

    /// Returns the path of the role id file.
    pub fn role_id_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { role_id_file, .. } => Some(role_id_file),
        }
    }

    /// Returns the path of the secret id file.
    pub fn secret_id_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { secret_id_file, .. } => Some(secret_id_file),
        }
    }
}

/// Method of authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultLogin {
    /// A token in a file. It is renewed in time if possible; the file is read again when the token is refused or
    /// expires.
    TokenFile(PathBuf),
    /// An `AppRole`.
    AppRole {
        /// Mount path of the login method: `approle` by default.
        mount: String,
        /// Path of the file with the role id.
        role_id_file: PathBuf,
        /// Path of the file with the secret id.
        secret_id_file: PathBuf,
    },
}

pub(super) fn is_name(name: &str) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    name.len() <= 128
        && ends.iter().all(|end| end.is_some_and(word))
        && bytes.iter().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// Validates a path of names. Slashes around it are ignored.
fn path_of(path: &str, what: &'static str) -> Result<(), SetupError> {
    if path.trim_matches('/').split('/').all(is_name) {
        Ok(())
    } else {
        Err(SetupError::Name {
            what,
            value: path.to_owned(),
        })
    }
}
