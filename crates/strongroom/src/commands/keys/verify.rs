//! `strongroom keys verify`: whether keyring and backup are what they should be.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::backup;
use super::wording::{count, export_command};
use crate::settings::{PassphraseFrom, Settings};
use crate::store::keyring;
use crate::store::same_store_flags;

/// A backup that does not hold what the keyring holds.
#[derive(Debug, thiserror::Error)]
pub(super) enum Different {
    #[error(
        "the backup {} does not hold {}: make a new one: {}",
        backup.display(),
        keys.join(", "),
        export_command(place)
    )]
    Older {
        backup: PathBuf,
        keys: Vec<String>,
        /// The flags that lead to the keyring.
        place: String,
    },
    #[error(
        "the backup {} holds keys that the keyring does not: {}; it is that of another keyring, or from before they were deleted, or the \
         keyring lost them",
        backup.display(),
        keys.join(", ")
    )]
    Foreign { backup: PathBuf, keys: Vec<String> },
}

/// Opens the keyring, and with `backup` compares that with it.
pub(super) fn run(
    settings: &Settings,
    backup: Option<&Path>,
    passphrase: &PassphraseFrom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    // Reading looks at all there is: the check over the file, every envelope, every fingerprint.
    let keyring = keyring::open(settings)?;
    let list = keyring.list()?;
    let versions = list.kms.iter().map(|key| key.versions.len()).sum();
    writeln!(
        output,
        "The keyring {} opens, and every key in it: {}, {} with {}.",
        settings.keyring.display(),
        count(list.master.len(), "master key"),
        count(list.kms.len(), "named key"),
        count(versions, "version"),
    )?;
    if list.root.is_none() {
        writeln!(
            output,
            "It is of version 1, in which keys stand in clear: the server seals it when it starts."
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
        let place = same_store_flags::flags(settings);
        return Err(Different::Older { backup, keys, place }.into());
    }
    writeln!(
        output,
        "The backup {} opens, and holds the same keys.",
        file.display()
    )?;
    Ok(())
}
