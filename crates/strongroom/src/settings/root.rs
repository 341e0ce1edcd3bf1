//! Settings for the source of the keyring's root key.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use strongroom_keys::{ROOT_FILE, TokenSettings};

use super::error::SettingsError;
use super::kms::Kms;
use super::kms::service::KmsBackend;
use super::layered::{Layered as _, layer};
use super::paths::{absolute, must_not_be_empty};
use super::show::{path, text};
use super::value::{choices, word};
use super::values::credential_name::CredentialName;

#[cfg(test)]
mod tests;

layer! {
    /// The root key settings given by one source.
    struct RootLayer, shown from root: Root, dropping what is below if Self::selects_another_source {
        /// Source of the root key that encrypts the keyring [default: file].
        #[arg(value_name = "SOURCE")]
        source["root-source"]: Option<RootSourceName> = word(&root.source()),
        /// File of the root key [default: root.key beside the keyring].
        #[arg(value_name = "FILE")]
        file["root-file"]: Option<PathBuf> = path(match root {
            Root::File(path) => Some(path),
            _ => None,
        }),
        /// Name of the systemd credential that holds the root key [default: strongroom-root].
        #[arg(value_name = "NAME")]
        credential["root-credential"]: Option<CredentialName> = text(match root {
            Root::Credential(name) => Some(name.to_string()),
            _ => None,
        }.as_ref()),
        /// File of the passphrase [default: ask at the terminal].
        #[arg(value_name = "FILE")]
        passphrase_file["root-passphrase-file"]: Option<PathBuf> = match root {
            Root::Passphrase(PassphraseFrom::Terminal) => "read from the terminal".to_owned(),
            Root::Passphrase(PassphraseFrom::File(file)) => path(Some(file)),
            _ => path(None),
        },
        /// Name of the systemd credential that holds the passphrase.
        #[arg(value_name = "NAME")]
        passphrase_credential["root-passphrase-credential"]: Option<CredentialName> = text(match root {
            Root::Passphrase(PassphraseFrom::Credential(name)) => Some(name.to_string()),
            _ => None,
        }.as_ref()),
        /// Module (shared library) of the PKCS#11 token whose key wraps the root key.
        #[arg(value_name = "FILE")]
        pkcs11_module["root-pkcs11-module"]: Option<PathBuf> = path(root.token().map(|token| &token.module)),
        /// Label of the token [default: the only token].
        #[arg(value_name = "LABEL")]
        pkcs11_token["root-pkcs11-token"]: Option<String> = text(root.token().and_then(|token| token.token.as_ref())),
        /// Label of the key in the token: an AES key or an RSA pair.
        #[arg(value_name = "LABEL")]
        pkcs11_key["root-pkcs11-key"]: Option<String> = text(root.token().map(|token| &token.key)),
        /// File of the token's PIN.
        #[arg(value_name = "FILE")]
        pkcs11_pin_file["root-pkcs11-pin-file"]: Option<PathBuf> = path(root.token().map(|token| &token.pin_file)),
        /// Key of the key management service (the settings kms.*) that wraps the root key.
        #[arg(value_name = "KEY")]
        kms_key["root-kms-key"]: Option<String> = text(match root {
            Root::Kms(key) => Some(key),
            _ => None,
        }),
    }
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

choices!(RootSourceName);

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
    /// Returns whether this layer selects another source than `below`, whose other settings do not go with it.
    fn selects_another_source(&self, below: &Self) -> bool {
        let source = below.source.unwrap_or(RootSourceName::File);
        self.source.is_some_and(|selected| selected != source)
    }

    /// Fills in defaults, and rejects settings that would have no effect. Relative paths start at `directory`; the
    /// default root key file is beside `keyring`; a KMS root key uses the service in `kms`.
    pub(crate) fn complete(
        mut self,
        directory: &Path,
        keyring: &Path,
        kms: &Kms,
    ) -> Result<Root, SettingsError> {
        must_not_be_empty(&mut self, "root")?;
        let source = self.source.unwrap_or(RootSourceName::File);
        self.must_go_with(source)?;
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
                if matches!(kms.service.backend(), KmsBackend::BuiltIn | KmsBackend::Off) {
                    return Err(SettingsError::RootNeedsKms);
                }
                Root::Kms(self.kms_key.ok_or(SettingsError::RootMissing("root.kms_key"))?)
            }
        })
    }

    /// Rejects a setting that would have no effect because it belongs to another source.
    fn must_go_with(&mut self, source: RootSourceName) -> Result<(), SettingsError> {
        let mut other = None;
        self.each("root", &mut |name, slot| {
            let goes_with = match name {
                "root.file" => RootSourceName::File,
                "root.credential" => RootSourceName::Credential,
                "root.kms_key" => RootSourceName::Kms,
                name if name.starts_with("root.passphrase") => RootSourceName::Passphrase,
                name if name.starts_with("root.pkcs11") => RootSourceName::Pkcs11,
                _ => source,
            };
            if slot.is_given() && goes_with != source {
                other.get_or_insert_with(|| (name.to_owned(), goes_with));
            }
        });
        other.map_or(Ok(()), |(name, goes_with)| {
            Err(SettingsError::OtherRootSource {
                name,
                goes_with: goes_with.word(),
                source_is: source.word(),
            })
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
