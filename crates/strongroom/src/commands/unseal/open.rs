//! Opens a store read-only, and the engine on it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use strongroom_audit::NoAudit;
use strongroom_engine::{Engine, KEEP_LOST, Parts, SystemClock};
use strongroom_keys::Keyring;
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::{IfRunning, LocalSettings, PreparedReadOnly, Problems, ReadOnlyError, ReadOnlyStore};
use tempfile::TempDir;

use super::error::UnsealError;
use crate::cli::unseal::StoreLocation;
use crate::settings::Settings;
use crate::store::key_service;

/// Store that is being opened read-only.
pub(super) struct StoreView {
    pub(super) prepared: PreparedReadOnly,
    /// Copy of the index. Last field, so that it is deleted after everything that uses it.
    pub(super) scratch: TempDir,
}

/// Engine on a read-only store.
pub(super) struct Opened {
    // First field, so that the engine ends before the copy of the index is deleted.
    pub(super) engine: Engine,
    /// Number of problems of the index, which were named.
    pub(super) problems: usize,
    _scratch: TempDir,
}

fn store_of(location: &StoreLocation, settings: &Settings) -> PathBuf {
    location
        .store
        .clone()
        .unwrap_or_else(|| settings.data_dir.join("store"))
}

pub(super) async fn look(location: &StoreLocation, settings: &Settings) -> Result<StoreView, UnsealError> {
    let within = location.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = tempfile::Builder::new()
        .prefix("strongroom-unseal-")
        .tempdir_in(&within);
    let scratch = scratch.map_err(|source| UnsealError::Scratch {
        directory: within,
        source,
    })?;
    let running = if location.running {
        IfRunning::Allow
    } else {
        IfRunning::Refuse
    };
    let prepared = ReadOnlyStore::prepare(
        store_of(location, settings),
        scratch.path(),
        LocalSettings::default(),
        running,
    );
    let prepared = prepared.await.map_err(|error| match error {
        ReadOnlyError::Running(path) => UnsealError::Running(path),
        error => UnsealError::Look(error),
    })?;
    Ok(StoreView { prepared, scratch })
}

/// Names the problems of an index on standard error. Returns their number.
pub(super) fn name_problems(problems: &Problems) -> usize {
    let problems = problems.all();
    for problem in &problems {
        // Without standard error, the exit code still tells.
        let _ = writeln!(
            io::stderr(),
            "strongroom: objects may be missing or outdated: {problem}"
        );
    }
    problems.len()
}

/// Starts the server's engine without its background work. Writes no audit log: the log is in the data directory, which
/// must not change, and anyone with the files and keys can decrypt objects without this program anyway.
pub(super) async fn open(
    location: &StoreLocation,
    settings: &Settings,
    keyring: Keyring,
) -> Result<Opened, UnsealError> {
    let StoreView { prepared, scratch } = look(location, settings).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let keyring = Arc::new(keyring);
    let problems = prepared.problems.clone();
    let parts = Parts {
        store: prepared.into(),
        kms: Arc::new(key_service::key_service(&settings.kms, &keyring, &random)?),
        keyring,
        audit: Arc::new(NoAudit),
        clock: Arc::new(SystemClock),
        random,
        lifecycle_day: settings.lifecycle_day,
        keep_lost: KEEP_LOST,
    };
    let engine = Engine::start(parts).await.map_err(UnsealError::Start)?;
    Ok(Opened {
        problems: name_problems(&problems),
        engine,
        _scratch: scratch,
    })
}
