//! `strongroom keys`: operations on the keyring. None of them shows a key.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strongroom_keys::{Keyring, Passphrase};
use strongroom_seal::SystemRandom;

use crate::admin::{CommandLog, command};
use crate::cli::KeysCommand;
use crate::clock;
use crate::keyring::{self, OpenError, Origin};
use crate::passphrase::{AskError, Question, Times};
use crate::place;
use crate::settings::{PassphraseFrom, Settings};
use crate::wiring;

pub(crate) mod backup;
mod label;
mod list;
mod reseal;
mod retire;
mod roll;
mod verify;

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
        } => command::delete_master(&settings(place)?, id, yes_delete.as_deref(), output),
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

fn settings(place: crate::cli::PlaceFlags) -> Result<Settings, Box<dyn Error>> {
    Ok(crate::load_place(place)?.settings)
}

/// Opens the keyring for a change, and the audit log for the event.
fn open_to_change<'a>(
    settings: &'a Settings,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(Keyring, CommandLog<'a>), Box<dyn Error>> {
    let keyring = open_keyring_to_change(settings, random, output)?;
    Ok((keyring, CommandLog::open(settings)?))
}

/// Opens the keyring for a change, and reports if it was encrypted for that.
fn open_keyring_to_change(
    settings: &Settings,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<Keyring, Box<dyn Error>> {
    wiring::must_not_be_anothers(settings)?;
    let opened = keyring::open_to_change(settings, random)?;
    if opened.origin == Origin::Upgraded {
        writeln!(
            output,
            "The keyring stored its keys in clear and is now encrypted with a root key ({}).\n\
             Older copies of it still decrypt everything.\n",
            crate::root_key::told(&settings.root)
        )?;
    }
    Ok(opened.keyring)
}

/// Returns the passphrase of a backup.
fn backup_passphrase(
    path: &Path,
    from: &PassphraseFrom,
    credentials_directory: Option<&PathBuf>,
    times: Times,
) -> Result<Passphrase, AskError> {
    let question = Question {
        of: &format!("the backup {}", path.display()),
        times,
        instead: "set a file that holds it with --passphrase-file",
    };
    question.answer(from, credentials_directory)
}

/// Warns that existing backups lack the new key.
fn backups_are_old(settings: &Settings, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "Existing backups do not contain it. To make a new one:\n  {}",
        export_command(&place::flags(settings))
    )
}

/// Returns the command that makes a backup in a file that most likely does not exist yet.
fn export_command(place: &str) -> String {
    format!(
        "strongroom keys export-backup keyring-{}.backup {place}",
        clock::system().date()
    )
}

/// Formats a count with its noun: `1 master key`, `2 master keys`.
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Opens the keyring for reading.
fn open(settings: &Settings) -> Result<Keyring, OpenError> {
    keyring::open(settings)
}

#[cfg(test)]
mod tests;
