//! Flags that direct another command to the same store, for command lines that a user copies.

use std::path::Path;

use strongroom_keys::ROOT_FILE;

use crate::settings::{PassphraseFrom, Root, Settings};
use crate::terminal::shell::quoted;

/// Returns the flags for the store of these settings.
pub(crate) fn flags(settings: &Settings) -> String {
    flags_to(&settings.data_dir, &settings.keyring, &settings.root)
}

/// Returns the flags for a data directory, its keyring and the root key.
pub(crate) fn flags_to(data_dir: &Path, keyring: &Path, root: &Root) -> String {
    let path = |path: &Path| quoted(&path.display().to_string());
    let mut flags = format!("--data-dir {}", path(data_dir));
    if keyring != data_dir.join("keyring.toml") {
        flags.push_str(" --keyring ");
        flags.push_str(&path(keyring));
    }
    flags + &root_flags(root, keyring)
}

/// Returns the flags that direct commands to the root key of `keyring`, each preceded by a space. Empty for the default
/// file.
fn root_flags(root: &Root, keyring: &Path) -> String {
    let path = |path: &Path| quoted(&path.display().to_string());
    match root {
        Root::File(file) if *file == keyring.with_file_name(ROOT_FILE) => String::new(),
        Root::File(file) => format!(" --root-file {}", path(file)),
        Root::Credential(name) => format!(" --root-source credential --root-credential {name}"),
        Root::Passphrase(from) => match from {
            PassphraseFrom::Terminal => " --root-source passphrase".to_owned(),
            PassphraseFrom::File(file) => {
                format!(" --root-source passphrase --root-passphrase-file {}", path(file))
            }
            PassphraseFrom::Credential(name) => {
                format!(" --root-source passphrase --root-passphrase-credential {name}")
            }
        },
        Root::Token(token) => {
            let label = token.token.as_deref();
            let label = label.map_or_else(String::new, |label| {
                format!(" --root-pkcs11-token {}", quoted(label))
            });
            format!(
                " --root-source pkcs11 --root-pkcs11-module {}{label} --root-pkcs11-key {} --root-pkcs11-pin-file {}",
                path(&token.module),
                quoted(&token.key),
                path(&token.pin_file)
            )
        }
        Root::Kms(key) => format!(" --root-source kms --root-kms-key {}", quoted(key)),
    }
}

#[cfg(test)]
mod tests;
