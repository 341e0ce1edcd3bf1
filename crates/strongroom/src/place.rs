//! Flags that direct another command to the same store, for command lines that a user copies.

use std::path::Path;

use crate::root_key;
use crate::settings::{Root, Settings};
use crate::shell::quoted;

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
    flags + &root_key::flags(root, keyring)
}

#[cfg(test)]
mod tests;
