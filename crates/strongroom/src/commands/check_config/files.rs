//! Checks of the files that the settings name. Nothing is written, nobody is asked for a passphrase, and no service is
//! contacted.

use std::fmt;
use std::io;
use std::path::Path;

use rustix::fs::{Access, access};
use strongroom_keys::kms::VaultLogin;

use crate::server::tls;
use crate::settings::{CredentialName, KmsSource, PassphraseFrom, Root, Settings};
use crate::store::{keyring, open};
use crate::terminal::error_chain::chain;

/// File with which the server cannot start.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Setting that names the file.
    setting: &'static str,
    text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.text)
    }
}

/// Result of a check.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) faults: Vec<Fault>,
    /// Sentences for the user that are not faults.
    pub(super) notes: Vec<String>,
}

/// Checks the files of all settings.
pub(super) fn check(settings: &Settings) -> Checked {
    let mut checked = Checked::default();
    checked.directory("data_dir", &settings.data_dir);
    if settings.audit.enabled {
        checked.directory("audit.directory", &settings.audit.directory);
    }
    checked.root(settings);
    checked.keyring(settings);
    checked.service(&settings.kms.service);
    if let Some(path) = &settings.oidc.ca_file {
        checked.file("oidc.ca_file", path);
    }
    if let Err(error) = tls::check(settings) {
        checked.fault("https.certificate", chain(&error));
    }
    checked
}

impl Checked {
    fn fault(&mut self, setting: &'static str, text: String) {
        self.faults.push(Fault { setting, text });
    }

    /// Checks a directory that the server creates if it does not exist.
    fn directory(&mut self, setting: &'static str, path: &Path) {
        match std::fs::metadata(path) {
            Ok(found) if !found.is_dir() => {
                self.fault(setting, format!("{} is not a directory", path.display()));
            }
            Ok(_) => self.accessible(
                setting,
                path,
                Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.fault(setting, format!("{}: {error}", path.display())),
        }
    }

    /// Checks a file that must exist.
    fn file(&mut self, setting: &'static str, path: &Path) {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => self.fault(setting, format!("{} is a directory", path.display())),
            Ok(_) => self.accessible(setting, path, Access::READ_OK),
            Err(error) => self.fault(setting, format!("{}: {error}", path.display())),
        }
    }

    fn accessible(&mut self, setting: &'static str, path: &Path, wanted: Access) {
        if let Err(error) = access(path, wanted) {
            let error = io::Error::from(error);
            self.fault(setting, format!("{} as this user: {error}", path.display()));
        }
    }

    /// Checks the files of the root key's source.
    fn root(&mut self, settings: &Settings) {
        match &settings.root {
            // The server creates it together with the keyring.
            Root::File(path) if is_missing(path) && is_missing(&settings.keyring) => {}
            Root::File(path) => self.file("root.file", path),
            Root::Credential(name) => self.credential("root.credential", name, settings),
            Root::Passphrase(PassphraseFrom::File(path)) => self.file("root.passphrase_file", path),
            Root::Passphrase(PassphraseFrom::Credential(name)) => {
                self.credential("root.passphrase_credential", name, settings);
            }
            Root::Token(token) => {
                self.file("root.pkcs11_module", &token.module);
                self.file("root.pkcs11_pin_file", &token.pin_file);
            }
            Root::Passphrase(PassphraseFrom::Terminal) | Root::Kms(_) => {}
        }
    }

    /// Checks a systemd credential.
    fn credential(&mut self, setting: &'static str, name: &CredentialName, settings: &Settings) {
        match &settings.credentials_directory {
            Some(directory) => self.file(setting, &directory.join(name.as_ref())),
            None => self.notes.push(format!(
                "Not checked: the systemd credential {name} of {setting}, which exists only within the service."
            )),
        }
    }

    /// Decrypts the keyring, if that needs neither a person nor a service nor a token.
    fn keyring(&mut self, settings: &Settings) {
        if is_missing(&settings.keyring) {
            if open::must_have_store(settings).is_ok() {
                let error = open::keyring_for_command(settings).err();
                self.fault("keyring", error.map_or_else(String::new, |error| chain(&error)));
            } else if self.faults.is_empty() {
                self.notes.push(format!(
                    "There is no store in {} yet: strongroom serve creates it.",
                    settings.data_dir.display()
                ));
            }
            return;
        }
        let is_at_hand = match &settings.root {
            Root::File(_) | Root::Passphrase(PassphraseFrom::File(_)) => true,
            Root::Credential(_) | Root::Passphrase(PassphraseFrom::Credential(_)) => {
                settings.credentials_directory.is_some()
            }
            Root::Passphrase(PassphraseFrom::Terminal) | Root::Token(_) | Root::Kms(_) => false,
        };
        // With a fault of the root key, the keyring would only repeat it.
        let has_root = !self.faults.iter().any(|fault| fault.setting.starts_with("root."));
        if !is_at_hand {
            self.file("keyring", &settings.keyring);
            self.notes
                .push("Not checked: that the root key decrypts the keyring.".to_owned());
        } else if has_root && let Err(error) = keyring::open(settings) {
            self.fault("keyring", chain(&error));
        }
    }

    /// Checks the files of the key management service.
    fn service(&mut self, service: &KmsSource) {
        match service {
            KmsSource::Vault(vault) => {
                self.authorities("kms.vault.ca_file", vault.ca_file.as_deref());
                match &vault.login {
                    VaultLogin::TokenFile(path) => self.file("kms.vault.token_file", path),
                    VaultLogin::AppRole {
                        role_id_file,
                        secret_id_file,
                        ..
                    } => {
                        self.file("kms.vault.role_id_file", role_id_file);
                        self.file("kms.vault.secret_id_file", secret_id_file);
                    }
                }
            }
            KmsSource::Aws(aws) => {
                self.authorities("kms.aws.ca_file", aws.ca_file.as_deref());
                self.file("kms.aws.credentials_file", &aws.credentials_file);
            }
            KmsSource::BuiltIn | KmsSource::Off => {}
        }
    }

    /// Checks a file of CA certificates; without one, those of the system are used.
    fn authorities(&mut self, setting: &'static str, path: Option<&Path>) {
        if let Some(path) = path {
            self.file(setting, path);
        }
    }
}

fn is_missing(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests;
