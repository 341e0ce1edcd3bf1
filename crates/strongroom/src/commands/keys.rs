//! `strongroom keys`: operations on the keyring. None of them shows a key.

use std::error::Error;
use std::io::Write;

use strongroom_seal::SystemRandom;

use super::store;
use crate::cli::keys::KeysCommand;
use crate::cli::load::load_place;
use crate::cli::place::PlaceFlags;
use crate::settings::{PassphraseFrom, Settings};

pub(crate) mod backup;
mod label;
mod list;
mod opening;
mod reseal;
mod retire;
mod roll;
mod verify;
mod wording;

/// Runs a command and reports the result on `output`.
pub(crate) fn run(command: KeysCommand, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let random = &SystemRandom::default();
    match command {
        KeysCommand::List { json, place } => list::run(&settings(place)?, json, output),
        KeysCommand::New { name, place } => label::new(&settings(place)?, name, random, output),
        KeysCommand::Roll { key, place } => roll::run(&settings(place)?, key.as_deref(), random, output),
        KeysCommand::Retire { key, place } => retire::retire(&settings(place)?, &key, random, output),
        KeysCommand::Revive { key, place } => retire::revive(&settings(place)?, &key, random, output),
        KeysCommand::Delete {
            id,
            yes_delete,
            place,
        } => store::delete_master(&settings(place)?, id, yes_delete.as_deref(), output),
        KeysCommand::Rename { key, label, place } => {
            label::rename(&settings(place)?, &key, &label, random, output)
        }
        KeysCommand::ExportBackup {
            file,
            passphrase,
            place,
        } => backup::export(
            &settings(place)?,
            &file,
            &passphrase.into_source(),
            random,
            output,
        ),
        KeysCommand::ImportBackup {
            file,
            passphrase,
            place,
        } => backup::import(
            &settings(place)?,
            &file,
            &passphrase.into_source(),
            random,
            output,
        ),
        KeysCommand::Verify {
            backup,
            passphrase_file,
            place,
        } => {
            let passphrase = passphrase_file.map_or(PassphraseFrom::Terminal, PassphraseFrom::File);
            verify::run(&settings(place)?, backup.as_deref(), &passphrase, output)
        }
        KeysCommand::Reseal { to, place } => reseal::run(&settings(place)?, to.into_layer(), random, output),
    }
}

fn settings(place: PlaceFlags) -> Result<Settings, Box<dyn Error>> {
    Ok(load_place(place)?.settings)
}

#[cfg(test)]
mod tests;
