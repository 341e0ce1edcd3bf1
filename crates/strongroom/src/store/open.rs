//! Opens the store of a data directory, and the audit log beside it.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::geteuid;
use strongroom_access::Credentials;
use strongroom_audit::log::writer::LogDirectory;
use strongroom_audit::{Audit, AuditLog, NoAudit};
use strongroom_engine::{Clock as _, Engine, Parts, SystemClock};
use strongroom_keys::kms::{KeyService, SetupError};
use strongroom_keys::{Keyring, KeyringError};
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::{LocalSettings, Store, StoreError};

use super::key_service;
use super::keyring::{self, OpenError};
use super::root_credentials::{self, Notes, RootCredentialsError};
use super::same_store_flags;
use crate::settings::Settings;

/// Why the data directory cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    #[error("cannot make the data directory {}", path.display())]
    DataDirectory { path: PathBuf, source: std::io::Error },
    #[error("there is no store in {}: name the right data directory with --data-dir", .0.display())]
    NoStore(PathBuf),
    #[error(
        "{} belongs to the user with the number {owner}, whose server could not read what root leaves there; run this as \
         that user: sudo -u '#{owner}' strongroom …",
        path.display()
    )]
    NotRoots { path: PathBuf, owner: u32 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the keyring {} is not there, and the data in {} cannot be opened without it; put it back from your copy, or \
         name its place with --keyring",
        keyring.display(),
        data_dir.display()
    )]
    KeyringGone { keyring: PathBuf, data_dir: PathBuf },
    #[error(
        "the keyring {} does not hold the master key {master}, which the keys of these buckets are under: {buckets}. Put back \
         the newest keyring, or make one of its newest backup; only if that key is lost for good, drop each of them: \
         strongroom bucket shred BUCKET {place}",
        keyring.display()
    )]
    MasterLost {
        keyring: PathBuf,
        master: String,
        buckets: String,
        /// The flags that lead a command to this store.
        place: String,
    },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Credentials(RootCredentialsError),
    // The damage ends with the command that mends it.
    #[error("{damage} {place}")]
    DamagedCredentials {
        damage: RootCredentialsError,
        /// The flags that lead the command to this store.
        place: String,
    },
    #[error("the key management service cannot be set up: {0}")]
    Kms(#[from] SetupError),
    #[error(
        "another process writes the audit log in {}, most likely a server that starts or ends, or a command on this store \
         that is at work: try again when that is done. Two servers need two directories (audit.directory)",
        .0.display()
    )]
    AuditInUse(PathBuf),
    #[error(
        "cannot write the audit log in {}; without it no key is used: mend that, name another place with \
         audit.directory, or switch it off with audit.enabled",
        directory.display()
    )]
    Audit {
        directory: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot open the data")]
    Engine(#[from] strongroom_engine::Error),
}

/// What of an opened store commands work on.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) engine: Arc<Engine>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<KeyService>,
    /// What hears of uses of keys that are not the engine's.
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) random: Arc<dyn Random>,
    /// The file of the root credentials.
    pub(crate) credentials: PathBuf,
}

/// Refuses a data directory without a store: most likely another one was meant.
pub(crate) fn must_have_store(settings: &Settings) -> Result<(), WiringError> {
    if store_place(settings).is_dir() {
        Ok(())
    } else {
        Err(WiringError::NoStore(settings.data_dir.clone()))
    }
}

/// Keeps root from leaving files that the server, which runs as another user, cannot read: refuses a store or keyring that
/// belongs to somebody else. Who is not root cannot write what is not theirs.
pub(crate) fn must_not_be_anothers(settings: &Settings) -> Result<(), WiringError> {
    if !geteuid().is_root() {
        return Ok(());
    }
    for path in [store_place(settings), settings.keyring.clone()] {
        let owner = std::fs::metadata(&path).map_or(0, |found| found.uid());
        if owner != 0 {
            return Err(WiringError::NotRoots { path, owner });
        }
    }
    Ok(())
}

/// Opens the keyring for a command that needs the store, of a server that has been started before. May ask for a
/// passphrase, and must not be called on a runtime.
pub(crate) fn keyring_for_command(settings: &Settings) -> Result<Keyring, WiringError> {
    must_have_store(settings)?;
    match keyring::open(settings) {
        Err(OpenError::Missing(keyring)) => Err(WiringError::KeyringGone {
            keyring,
            data_dir: settings.data_dir.clone(),
        }),
        other => Ok(other?),
    }
}

/// Opens the store of a data directory for a command, while no server has it open. Nothing is made that is not there.
pub(crate) async fn open_for_command(settings: &Settings, keyring: Keyring) -> Result<Core, WiringError> {
    must_not_be_anothers(settings)?;
    let store = Store::local(store_place(settings), LocalSettings::default()).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let audit = open_audit(settings)?;
    start(settings, store, Arc::new(keyring), audit.as_ref(), &random).await
}

pub(crate) fn store_place(settings: &Settings) -> PathBuf {
    settings.data_dir.join("store")
}

pub(crate) async fn start(
    settings: &Settings,
    store: Store,
    keyring: Arc<Keyring>,
    audit: Option<&Arc<AuditLog>>,
    random: &Arc<dyn Random>,
) -> Result<Core, WiringError> {
    let kms = Arc::new(key_service::key_service(&settings.kms, &keyring, random)?);
    let audit: Arc<dyn Audit> = match audit {
        Some(log) => Arc::clone(log) as Arc<dyn Audit>,
        None => Arc::new(NoAudit),
    };
    let parts = Parts {
        store,
        keyring: Arc::clone(&keyring),
        kms: Arc::clone(&kms),
        audit: Arc::clone(&audit),
        clock: Arc::new(SystemClock),
        random: Arc::clone(random),
        lifecycle_day: settings.lifecycle_day,
    };
    Ok(Core {
        engine: Engine::start(parts).await?,
        keyring,
        kms,
        audit,
        random: Arc::clone(random),
        credentials: root_credentials::path(&settings.data_dir),
    })
}

/// Goes on with the audit log, unless it is switched off.
pub(crate) fn open_audit(settings: &Settings) -> Result<Option<Arc<AuditLog>>, WiringError> {
    let audit = &settings.audit;
    if !audit.enabled {
        tracing::warn!("the audit log is switched off (audit.enabled): uses of keys leave no trace");
        return Ok(None);
    }
    let directory = LogDirectory {
        directory: audit.directory.clone(),
        rotate_at: audit.rotate_mib.bytes(),
        keep: audit.keep.files(),
    };
    let log = AuditLog::open(directory, Arc::new(|| SystemClock.now())).map_err(|source| {
        let directory = audit.directory.clone();
        match source.kind() {
            ErrorKind::ResourceBusy => WiringError::AuditInUse(directory),
            _ => WiringError::Audit { directory, source },
        }
    })?;
    Ok(Some(Arc::new(log)))
}

/// The root credentials of the data directory; `None` if no server has made them yet.
pub(crate) fn read_credentials(
    settings: &Settings,
    keyring: &Keyring,
    notes: &Notes,
) -> Result<Option<Credentials>, WiringError> {
    let read = root_credentials::read(&root_credentials::path(&settings.data_dir), keyring, notes);
    read.map_err(|error| match error {
        damage @ RootCredentialsError::Damaged(_) => WiringError::DamagedCredentials {
            damage,
            place: same_store_flags::flags(settings),
        },
        other => WiringError::Credentials(other),
    })
}
