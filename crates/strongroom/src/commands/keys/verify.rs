//! `strongroom keys verify`: checks the keyring, and compares a backup with it.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::backup;
use super::wording::{count, export_command};
use crate::settings::{PassphraseFrom, Settings};
use crate::store::keyring;
use crate::store::same_store_flags;

/// Differences between a backup and the keyring.
#[derive(Debug, thiserror::Error)]
pub(super) enum Different {
    #[error(
        "the backup {} does not contain {}: make a new one: {}",
        backup.display(),
        keys.join(", "),
        export_command(flags)
    )]
    Older {
        backup: PathBuf,
        keys: Vec<String>,
        /// Flags that direct the command to the keyring.
        flags: String,
    },
    #[error(
        "the backup {} contains keys that the keyring lacks: {}; it is from another keyring or older than the \
         deletion of those keys, or the keyring lost them",
        backup.display(),
        keys.join(", ")
    )]
    Foreign { backup: PathBuf, keys: Vec<String> },
}

/// Opens the keyring, and compares it with `backup` if given.
pub(super) fn run(
    settings: &Settings,
    backup: Option<&Path>,
    passphrase: &PassphraseFrom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    // Reading verifies everything: the checksum of the file, every envelope, every fingerprint.
    let keyring = keyring::open(settings)?;
    let list = keyring.list()?;
    let versions = list.kms.iter().map(|key| key.versions.len()).sum();
    writeln!(
        output,
        "The keyring {} and all its keys can be decrypted: {}, {} with {}.",
        settings.keyring.display(),
        count(list.master.len(), "master key"),
        count(list.kms.len(), "named key"),
        count(versions, "version"),
    )?;
    if list.root.is_none() {
        writeln!(
            output,
            "It has version 1, with keys in clear: the server encrypts it when it starts."
        )?;
    }
    let Some(file) = backup else {
        return Ok(());
    };
    let comparison = backup::open(settings, file, passphrase)?.compare(&keyring)?;
    let (backup, keys) = (file.to_owned(), comparison.foreign);
    if !keys.is_empty() {
        return Err(Different::Foreign { backup, keys }.into());
    }
    let keys = comparison.missing;
    if !keys.is_empty() {
        let flags = same_store_flags::flags(settings);
        return Err(Different::Older { backup, keys, flags }.into());
    }
    writeln!(
        output,
        "The backup {} can be decrypted and holds the same keys.",
        file.display()
    )?;
    Ok(())
}
