//! `strongroom keys export-backup` and `import-backup`.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strongroom_keys::{Backup, BackupError, Keyring, Passphrase};
use strongroom_seal::SystemRandom;

use super::store_key::{self, PutBack};
use super::wording::count;
use crate::admin::command_event::CommandEvent;
use crate::admin::command_log::CommandLog;
use crate::clock;
use crate::files::private_file;
use crate::settings::{PassphraseFrom, Root, Settings};
use crate::store::keyring::{self, OpenError};
use crate::store::open;
use crate::store::passphrase::{AskError, Question, Times};
use crate::store::root_key;
use crate::store::same_store_flags;
use crate::terminal::shell::quoted;

/// Maximum size in bytes of a backup to read: enough for thousands of keys.
const MAX_BYTES: u64 = 16 << 20;

/// Reasons why a backup was not written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{} exists already, and backups are never overwritten; choose another name", .0.display())]
    Exists(PathBuf),
    #[error("cannot write the backup {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read the backup {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "there is a keyring at {} already, and it is never overwritten: move it away, or set another path with \
         --keyring",
        .0.display()
    )]
    KeyringExists(PathBuf),
    #[error("cannot use {}", path.display())]
    Backup { path: PathBuf, source: BackupError },
    #[error(transparent)]
    Passphrase(#[from] AskError),
}

/// Writes all keys, encrypted with a passphrase, to a new file.
pub(super) fn export(
    settings: &Settings,
    file: &Path,
    from: &PassphraseFrom,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    if file.exists() {
        // Return before the user is asked for a passphrase.
        return Err(FileError::Exists(file.to_owned()).into());
    }
    let keyring = keyring::open(settings)?;
    let directory = settings.credentials_directory.as_ref();
    let passphrase = backup_passphrase(file, from, directory, Times::Twice)?;
    let log = CommandLog::open(settings)?;
    let store_key = keyring::wait_for(store_key::read(settings, &keyring))??;
    let text = keyring.export(&passphrase, store_key.as_deref(), clock::system(), random)?;
    // Verify that the backup can be decrypted.
    Backup::open(&text, &passphrase)?;
    private_file::create(file, text.as_bytes()).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists(file.to_owned()),
        _ => FileError::Write {
            path: file.to_owned(),
            source,
        },
    })?;
    log.record(&CommandEvent::BackupExported {})?;
    let named = |file: &Path| quoted(&file.display().to_string());
    let mut flags = same_store_flags::flags(settings);
    if let PassphraseFrom::File(words) = from {
        flags = format!("--passphrase-file {} {flags}", named(words));
    }
    if store_key.is_none() {
        writeln!(
            output,
            "The store was not found, so the backup does not contain the store's own key."
        )?;
    }
    writeln!(
        output,
        "Wrote a backup of all keys to {} and verified it.\n\
         Keep it elsewhere, also on paper, and keep the passphrase in another place. Together they decrypt everything\n\
         except SSE-C objects; the root key is not needed.\n\
         Check from time to time that the backup contains all keys:\n  \
         strongroom keys verify --backup {} {flags}",
        file.display(),
        named(file)
    )?;
    Ok(())
}

/// Creates a keyring from a backup.
pub(super) fn import(
    settings: &Settings,
    file: &Path,
    passphrase: &PassphraseFrom,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    if settings.keyring.exists() {
        return Err(FileError::KeyringExists(settings.keyring.clone()).into());
    }
    open::must_not_be_anothers(settings)?;
    let backup = open(settings, file, passphrase)?;
    let root = root_key::source(settings, Times::Twice)?;
    let is_there = match &settings.root {
        Root::File(path) => path.exists(),
        Root::Credential(_) => true,
        Root::Passphrase(_) | Root::Token(_) | Root::Kms(_) => false,
    };
    let log = CommandLog::open(settings)?;
    let restored = Keyring::restore(&settings.keyring, &backup, &root, random);
    let keyring = keyring::wait_for(restored).map_err(OpenError::from)??;
    log.record(&CommandEvent::BackupImported {})?;
    let put_back = keyring::wait_for(store_key::put_back(
        &open::store_directory(settings),
        &backup,
        &keyring,
    ))??;
    let list = keyring.list()?;
    writeln!(
        output,
        "Created the keyring {} from the backup: {} and {}.\n\
         The root key that encrypts it {}: {}",
        settings.keyring.display(),
        count(list.master.len(), "master key"),
        count(list.kms.len(), "named key"),
        if is_there {
            "existed already"
        } else {
            "was newly created"
        },
        root_key::describe(&settings.root),
    )?;
    match put_back {
        PutBack::NotNeeded => {}
        PutBack::Done => writeln!(output, "The store had lost its own key, which was put back.")?,
        PutBack::NotGenuine => writeln!(
            output,
            "The store has lost its own key, and the one in this backup does not open with these master keys, so it was not\n\
             written: restore keys/store in the store's directory from a copy."
        )?,
        PutBack::NotInBackup => writeln!(
            output,
            "The store has lost its own key, and this backup does not contain it: restore keys/store in the store's \
             directory from a copy."
        )?,
    }
    Ok(())
}

/// Reads and decrypts the backup in `file`.
pub(crate) fn open(
    settings: &Settings,
    file: &Path,
    passphrase: &PassphraseFrom,
) -> Result<Backup, FileError> {
    let path = || file.to_owned();
    let text = read(file).map_err(|source| FileError::Read { path: path(), source })?;
    // Report typing errors before the user is asked for a passphrase.
    let damaged = |source| FileError::Backup { path: path(), source };
    Backup::check(&text).map_err(damaged)?;
    let directory = settings.credentials_directory.as_ref();
    let passphrase = backup_passphrase(file, passphrase, directory, Times::Once)?;
    Backup::open(&text, &passphrase).map_err(damaged)
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

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    io::Read::read_to_string(
        &mut io::Read::take(std::fs::File::open(file)?, MAX_BYTES),
        &mut text,
    )?;
    Ok(text)
}
