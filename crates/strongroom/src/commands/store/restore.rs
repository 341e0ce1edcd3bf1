//! `strongroom restore` and `strongroom repair`: a store from the files of another one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom_audit::{Audit, NoAudit};
use strongroom_engine::operator::restore;
use strongroom_keys::Keyring;
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::{LocalSettings, Restoration, Restored, StoreError, StoreId, Until};

use super::error::CommandError;
use crate::admin::client::ClientError;
use crate::cli::store::ForwardFlags;
use crate::settings::Settings;
use crate::store::keyring;
use crate::store::open::{open_audit, open_for_command, store_directory};

/// Notice about credentials, which a store on a new timeline does not accept.
const UNCONFIRMED: &str = "\
Sessions in it are void, and so are access keys and passwords until they are confirmed, because some may have been\n\
deleted since: see strongroom account unconfirmed. The root credentials of the server work.";

/// The same for a store in which nothing is missing.
const UNCONFIRMED_NOTHING_LOST: &str = "\
Sessions in it are void, and so are access keys and passwords until they are confirmed. None of them was deleted, so\n\
run strongroom account confirm --all then.";

/// Writes the store of the data directory from a snapshot. `keys_of` is a store whose wrapped keys are used; `forward`
/// brings the snapshot forward.
pub(super) fn restore(
    settings: &Settings,
    snapshot: &Path,
    keys_of: Option<PathBuf>,
    forward: ForwardFlags,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let to = store_directory(settings);
    if to.exists() {
        return Err(CommandError::StoreExists(to));
    }
    let keys_of = keys_of.or_else(|| forward.log_of.clone());
    let todays_keys = keys_of.is_some();
    let keyring = keyring::open(settings).map_err(|error| CommandError::Keyring(Box::new(error)))?;
    let until = forward
        .until
        .map(Until::Time)
        .or(forward.commit.map(Until::Commit));
    let mut restoration = prepare(snapshot, keys_of)?;
    if let Some(store) = forward.log_of {
        restoration = restoration.forward(store, until).map_err(failed)?;
    }
    let restored = run(settings, &keyring, restoration, &to, Index::Whole)?;
    if todays_keys {
        adopt_keys(settings, keyring)?;
    }
    writeln!(
        output,
        "Restored {} from {}: everything up to commit {}, {} blobs.",
        to.display(),
        snapshot.display(),
        restored.number,
        restored.blobs
    )?;
    writeln!(output, "{UNCONFIRMED}")?;
    if !todays_keys {
        writeln!(
            output,
            "It has the keys of the snapshot: a bucket that was shredded after the snapshot can be decrypted again. With\n\
             --keys-of STORE, a store directory of today, it stays shredded."
        )?;
    }
    Ok(())
}

/// Writes a store from what can be read of the damaged store in the data directory.
pub(super) fn repair(settings: &Settings, out: &Path, output: &mut impl Write) -> Result<(), CommandError> {
    let from = store_directory(settings);
    let keyring = keyring::open(settings).map_err(|error| CommandError::Keyring(Box::new(error)))?;
    let noted = keyring.store().map(StoreId);
    let restoration = Restoration::prepare_repair(&from, noted, LocalSettings::default()).map_err(failed)?;
    let restored = run(settings, &keyring, restoration, out, Index::Damaged)?;
    for problem in &restored.problems {
        writeln!(output, "LOST  {problem}")?;
    }
    writeln!(
        output,
        "Wrote {} with what can be read of {}, which is unchanged; {} blobs.",
        out.display(),
        from.display(),
        restored.blobs
    )?;
    writeln!(output, "{UNCONFIRMED}")?;
    if restored.problems.is_empty() {
        writeln!(output, "Nothing is missing in the index.")?;
    } else {
        writeln!(
            output,
            "Commits are lost, so objects may be missing, or be older or deleted ones. Restore a snapshot if you have one.\n\
             Otherwise move the damaged store away, move the new one to its place, and run strongroom verify."
        )?;
    }
    Ok(())
}

/// Writes a store from a snapshot of the store in the data directory, whose index is lost, and its log.
pub(super) fn rebuild(
    settings: &Settings,
    snapshot: &Path,
    out: &Path,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let from = store_directory(settings);
    let keyring = keyring::open(settings).map_err(|error| CommandError::Keyring(Box::new(error)))?;
    let restoration = prepare(snapshot, Some(from.clone()))?;
    let restoration = restoration.forward(from.clone(), None).map_err(failed)?;
    let restored = run(settings, &keyring, restoration, out, Index::Whole)?;
    writeln!(
        output,
        "Wrote {}: everything up to commit {}, {} blobs. Nothing is missing. {} is unchanged: move it away, and move the\n\
         new one to its place.",
        out.display(),
        restored.number,
        restored.blobs,
        from.display()
    )?;
    writeln!(output, "{UNCONFIRMED_NOTHING_LOST}")?;
    Ok(())
}

fn prepare(from: &Path, keys_of: Option<PathBuf>) -> Result<Restoration, CommandError> {
    Restoration::prepare(from, keys_of, LocalSettings::default()).map_err(failed)
}

fn failed(error: StoreError) -> CommandError {
    CommandError::Restore(error.into())
}

/// Lets the restored rows name the keys of today, which may have been rewrapped since the snapshot.
fn adopt_keys(settings: &Settings, keyring: Keyring) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let core = open_for_command(settings, keyring)
            .await
            .map_err(ClientError::from)?;
        core.engine.adopt_keys().await.map_err(CommandError::Restore)?;
        Ok(())
    })
}

/// State of the index from which a store is written.
#[derive(Clone, Copy)]
enum Index {
    Whole,
    Damaged,
}

fn run(
    settings: &Settings,
    keyring: &Keyring,
    restoration: Restoration,
    to: &Path,
    index: Index,
) -> Result<Restored, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let log = open_audit(settings).map_err(ClientError::from)?;
    let audit: Arc<dyn Audit> = match log {
        Some(log) => log,
        None => Arc::new(NoAudit),
    };
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let restored = runtime.block_on(async {
        let authenticator = restore::authenticator(&*restoration.keys, keyring, &*audit, random).await?;
        let restored = match index {
            Index::Whole => restoration.restore(to.to_owned(), authenticator).await,
            Index::Damaged => restoration.repair(to.to_owned(), authenticator).await,
        };
        Ok::<_, strongroom_engine::Error>(restored?)
    });
    restored.map_err(CommandError::Restore)
}
