//! `strongroom keys`: operations on the keyring. None of them shows a key.

use std::error::Error;
use std::io::Write;

use strongroom_seal::SystemRandom;

use super::store::delete_master;
use crate::cli::keys::KeysCommand;
use crate::cli::load::load_location;
use crate::cli::location::LocationFlags;
use crate::settings::{PassphraseFrom, Settings};

pub(crate) mod backup;
mod label;
mod list;
mod opening;
mod reseal;
mod retire;
mod roll;
mod store_key;
mod verify;
mod wording;

/// Runs a command and reports the result on `output`.
pub(crate) fn run(command: KeysCommand, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let random = &SystemRandom::default();
    match command {
        KeysCommand::List { json, location } => list::run(&settings(location)?, json, output),
        KeysCommand::New { name, location } => label::new(&settings(location)?, name, random, output),
        KeysCommand::Roll { key, location } => {
            roll::run(&settings(location)?, key.as_deref(), random, output)
        }
        KeysCommand::Retire { key, location } => retire::retire(&settings(location)?, &key, random, output),
        KeysCommand::Revive { key, location } => retire::revive(&settings(location)?, &key, random, output),
        KeysCommand::Delete {
            id,
            yes_delete,
            location,
        } => delete_master::run(&settings(location)?, id, yes_delete.as_deref(), output),
        KeysCommand::Rename { key, label, location } => {
            label::rename(&settings(location)?, &key, &label, random, output)
        }
        KeysCommand::ExportBackup {
            file,
            passphrase,
            location,
        } => backup::export(
            &settings(location)?,
            &file,
            &passphrase.into_source(),
            random,
            output,
        ),
        KeysCommand::ImportBackup {
            file,
            passphrase,
            location,
        } => backup::import(
            &settings(location)?,
            &file,
            &passphrase.into_source(),
            random,
            output,
        ),
        KeysCommand::Verify {
            backup,
            passphrase_file,
            location,
        } => {
            let passphrase = passphrase_file.map_or(PassphraseFrom::Terminal, PassphraseFrom::File);
            verify::run(&settings(location)?, backup.as_deref(), &passphrase, output)
        }
        KeysCommand::Reseal { to, location } => {
            reseal::run(&settings(location)?, to.into_layer(), random, output)
        }
    }
}

fn settings(location: LocationFlags) -> Result<Settings, Box<dyn Error>> {
    Ok(load_location(location)?.settings)
}

#[cfg(test)]
mod tests;
