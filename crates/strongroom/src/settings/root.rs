//! Setting for the source of the keyring's root key.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use serde::Deserialize;
use strongroom_keys::{ROOT_FILE, TokenSettings};

use super::kms::{Kms, KmsBackend};
use super::load::{SettingsError, absolute};
use super::values::ValueError;

#[cfg(test)]
mod tests;

/// The root key settings given by one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RootLayer {
    pub(crate) source: Option<RootSourceName>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) credential: Option<CredentialName>,
    pub(crate) passphrase_file: Option<PathBuf>,
    pub(crate) passphrase_credential: Option<CredentialName>,
    pub(crate) pkcs11_module: Option<PathBuf>,
    pub(crate) pkcs11_token: Option<String>,
    pub(crate) pkcs11_key: Option<String>,
    pub(crate) pkcs11_pin_file: Option<PathBuf>,
    pub(crate) kms_key: Option<String>,
}

/// Names of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RootSourceName {
    /// A file of 32 bytes.
    File,
    /// A credential that systemd passes to the service.
    Credential,
    /// A passphrase, read from the terminal or from where the settings say.
    Passphrase,
    /// A key in a PKCS#11 token, which unwraps the root key.
    Pkcs11,
    /// A key of the key management service, which unwraps the root key.
    Kms,
}

/// Name of a systemd credential.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct CredentialName(String);

/// Source of the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    File(PathBuf),
    Credential(CredentialName),
    Passphrase(PassphraseFrom),
    Token(TokenSettings),
    /// Name of the service's key.
    Kms(String),
}

/// Source of a passphrase. Never the environment or the command line, which other users can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PassphraseFrom {
    Terminal,
    File(PathBuf),
    Credential(CredentialName),
}

impl RootLayer {
    /// Merges this layer over `below`. If this layer selects another source, the settings of the source in `below` are
    /// dropped.
    pub(crate) fn over(self, below: Self) -> Self {
        let below = match self.source {
            Some(source) if source != below.source.unwrap_or(RootSourceName::File) => Self::default(),
            _ => below,
        };
        Self {
            source: self.source.or(below.source),
            file: self.file.or(below.file),
            credential: self.credential.or(below.credential),
            passphrase_file: self.passphrase_file.or(below.passphrase_file),
            passphrase_credential: self.passphrase_credential.or(below.passphrase_credential),
            pkcs11_module: self.pkcs11_module.or(below.pkcs11_module),
            pkcs11_token: self.pkcs11_token.or(below.pkcs11_token),
            pkcs11_key: self.pkcs11_key.or(below.pkcs11_key),
            pkcs11_pin_file: self.pkcs11_pin_file.or(below.pkcs11_pin_file),
            kms_key: self.kms_key.or(below.kms_key),
        }
    }

    /// Fills in defaults, and rejects settings that would have no effect. Relative paths start at `directory`; the
    /// default root key file is beside `keyring`; a KMS root key uses the service in `kms`.
    pub(crate) fn complete(self, directory: &Path, keyring: &Path, kms: &Kms) -> Result<Root, SettingsError> {
        for (name, path) in [
            ("root.file", &self.file),
            ("root.passphrase_file", &self.passphrase_file),
            ("root.pkcs11_module", &self.pkcs11_module),
            ("root.pkcs11_pin_file", &self.pkcs11_pin_file),
        ] {
            if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
                return Err(SettingsError::EmptyPath(name));
            }
        }
        let source = self.source.unwrap_or(RootSourceName::File);
        let given = [
            ("root.file", self.file.is_some(), RootSourceName::File),
            (
                "root.credential",
                self.credential.is_some(),
                RootSourceName::Credential,
            ),
            (
                "root.passphrase_file",
                self.passphrase_file.is_some(),
                RootSourceName::Passphrase,
            ),
            (
                "root.passphrase_credential",
                self.passphrase_credential.is_some(),
                RootSourceName::Passphrase,
            ),
            (
                "root.pkcs11_module",
                self.pkcs11_module.is_some(),
                RootSourceName::Pkcs11,
            ),
            (
                "root.pkcs11_token",
                self.pkcs11_token.is_some(),
                RootSourceName::Pkcs11,
            ),
            (
                "root.pkcs11_key",
                self.pkcs11_key.is_some(),
                RootSourceName::Pkcs11,
            ),
            (
                "root.pkcs11_pin_file",
                self.pkcs11_pin_file.is_some(),
                RootSourceName::Pkcs11,
            ),
            ("root.kms_key", self.kms_key.is_some(), RootSourceName::Kms),
        ];
        for (name, is_given, goes_with) in given {
            if is_given && goes_with != source {
                return Err(SettingsError::OtherRootSource {
                    name,
                    goes_with,
                    source_is: source,
                });
            }
        }
        Ok(match source {
            RootSourceName::File => Root::File(self.file.map_or_else(
                || keyring.with_file_name(ROOT_FILE),
                |path| absolute(directory, &path),
            )),
            RootSourceName::Credential => {
                Root::Credential(self.credential.unwrap_or_else(CredentialName::built_in))
            }
            RootSourceName::Passphrase => {
                Root::Passphrase(match (self.passphrase_file, self.passphrase_credential) {
                    (Some(_), Some(_)) => return Err(SettingsError::TwoPassphrases),
                    (Some(path), None) => PassphraseFrom::File(absolute(directory, &path)),
                    (None, Some(name)) => PassphraseFrom::Credential(name),
                    (None, None) => PassphraseFrom::Terminal,
                })
            }
            RootSourceName::Pkcs11 => {
                let missing = SettingsError::RootMissing;
                let module = self.pkcs11_module.ok_or(missing("root.pkcs11_module"))?;
                let pin_file = self.pkcs11_pin_file.ok_or(missing("root.pkcs11_pin_file"))?;
                Root::Token(TokenSettings {
                    module: absolute(directory, &module),
                    token: self.pkcs11_token,
                    key: self.pkcs11_key.ok_or(missing("root.pkcs11_key"))?,
                    pin_file: absolute(directory, &pin_file),
                })
            }
            RootSourceName::Kms => {
                // The built-in service cannot wrap the root key: its named keys are in the keyring.
                if matches!(kms.backend(), KmsBackend::BuiltIn | KmsBackend::Off) {
                    return Err(SettingsError::RootNeedsKms);
                }
                Root::Kms(self.kms_key.ok_or(SettingsError::RootMissing("root.kms_key"))?)
            }
        })
    }
}

impl RootSourceName {
    /// Returns the name of the source as written in the settings.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Credential => "credential",
            Self::Passphrase => "passphrase",
            Self::Pkcs11 => "pkcs11",
            Self::Kms => "kms",
        }
    }
}

impl Root {
    /// Returns which source this is.
    pub(crate) fn source(&self) -> RootSourceName {
        match self {
            Self::File(_) => RootSourceName::File,
            Self::Credential(_) => RootSourceName::Credential,
            Self::Passphrase(_) => RootSourceName::Passphrase,
            Self::Token(_) => RootSourceName::Pkcs11,
            Self::Kms(_) => RootSourceName::Kms,
        }
    }

    /// Returns the token settings if the source is a PKCS#11 token.
    pub(crate) fn token(&self) -> Option<&TokenSettings> {
        match self {
            Self::Token(token) => Some(token),
            _ => None,
        }
    }
}

impl CredentialName {
    /// Returns the default name of the root key's credential.
    pub(crate) fn built_in() -> Self {
        Self("strongroom-root".to_owned())
    }
}

impl FromStr for CredentialName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        // The name is a file name in the credentials directory and must not lead out of it.
        if !(1..=255).contains(&text.len()) || !text.bytes().all(allowed) || text.starts_with('.') {
            return Err(ValueError::CredentialName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for CredentialName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CredentialName {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}
