//! How a transit engine is reached.

use crate::kms::http::{Address, SetupError};
use std::path::PathBuf;

/// Where a transit engine is, and how this server is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultSettings {
    /// `https://HOST[:PORT]`.
    pub address: String,
    /// Where the transit engine is mounted: `transit` unless somebody chose otherwise.
    pub mount: String,
    /// The namespace, where the server has these.
    pub namespace: Option<String>,
    /// Certificates of the authorities to trust; none: those of the system.
    pub ca_file: Option<PathBuf>,
    /// How this server proves who it is.
    pub login: VaultLogin,
}

impl VaultSettings {
    /// Whether they can be meant; asks nobody and reads no file.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn check(&self) -> Result<(), SetupError> {
        Address::read(&self.address)?;
        path_of(&self.mount, "path that a transit engine is mounted at")?;
        if let VaultLogin::AppRole { mount, .. } = &self.login {
            path_of(mount, "path that AppRole is mounted at")?;
        }
        if let Some(namespace) = &self.namespace {
            path_of(namespace, "namespace")?;
        }
        Ok(())
    }

    /// The file of the token.
    pub fn token_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(path) => Some(path),
            VaultLogin::AppRole { .. } => None,
        }
    }

    /// Where `AppRole` is mounted.
    pub fn approle_mount(&self) -> Option<&String> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { mount, .. } => Some(mount),
        }
    }

    /// The file of the role id.
    pub fn role_id_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { role_id_file, .. } => Some(role_id_file),
        }
    }

    /// The file of the secret id.
    pub fn secret_id_file(&self) -> Option<&PathBuf> {
        match &self.login {
            VaultLogin::TokenFile(_) => None,
            VaultLogin::AppRole { secret_id_file, .. } => Some(secret_id_file),
        }
    }
}

/// How this server is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultLogin {
    /// By a token in a file. It is renewed in time if it can be; another one in the file takes its place when it is
    /// refused or expires.
    TokenFile(PathBuf),
    /// By an `AppRole`.
    AppRole {
        /// Where this way of logging in is mounted: `approle` unless somebody chose otherwise.
        mount: String,
        /// The file with the role id.
        role_id_file: PathBuf,
        /// The file with the secret id.
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

/// A path of names; slashes around it do not matter.
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
