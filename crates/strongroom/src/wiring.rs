//! Connects the parts: opens the data directory and builds the [`Handler`] that serves it.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use hyper::body::Incoming;
use rustix::process::geteuid;
use s3s::Body;
use strongroom_access::{AccessKeys, Credentials};
use strongroom_engine::audit::{Audit, NoAudit};
use strongroom_engine::{Engine, Parts, SystemClock};
use strongroom_keys::kms::{KeyService, SetupError};
use strongroom_keys::{Keyring, KeyringError, RootSource};
use strongroom_s3::{Front, Transport};
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::{LocalSettings, Store, StoreError};

use crate::audit::{self, AuditLog};
use crate::connection::Connection;
use crate::keyring::{self, Freshness, OpenError, Origin};
use crate::listen::Handler;
use crate::place;
use crate::private_file;
use crate::root_credentials::{self, Notes, RootCredentialsError};
use crate::settings::{Cleartext, HeadWithoutKey, Host, Settings};

pub(crate) mod kms;

/// Interval at which a running server picks up reset credentials and new keys.
const REFRESH: Duration = Duration::from_secs(2);

/// Errors that keep the data directory from being served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    #[error("cannot create the data directory {}", path.display())]
    DataDirectory { path: PathBuf, source: std::io::Error },
    #[error("there is no store in {}: set the right data directory with --data-dir", .0.display())]
    NoStore(PathBuf),
    #[error(
        "{} belongs to user {owner}, and a server of that user could not read files created by root; run the command \
         as that user: sudo -u '#{owner}' strongroom …",
        path.display()
    )]
    NotRoots { path: PathBuf, owner: u32 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the keyring {} does not exist, and the data in {} cannot be decrypted without it; restore it from your copy, \
         or set its path with --keyring",
        keyring.display(),
        data_dir.display()
    )]
    KeyringGone { keyring: PathBuf, data_dir: PathBuf },
    #[error(
        "the keyring {} does not hold the master key {master}, which wraps the keys of these buckets: {buckets}. \
         Restore the newest keyring, or import its newest backup; only if that key is lost for good, shred each \
         bucket: strongroom bucket shred BUCKET {place}",
        keyring.display()
    )]
    MasterLost {
        keyring: PathBuf,
        master: String,
        buckets: String,
        /// Flags that direct a command to this store.
        place: String,
    },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Credentials(RootCredentialsError),
    // The message ends with the command that repairs the damage, so the flags follow it.
    #[error("{damage} {place}")]
    DamagedCredentials {
        damage: RootCredentialsError,
        /// Flags that direct the command to this store.
        place: String,
    },
    #[error("cannot set up the key management service: {0}")]
    Kms(#[from] SetupError),
    #[error(
        "another process writes the audit log in {}: a server that is starting or stopping, or a command working on \
         this store; try again when it is done. Two servers need two directories (audit.directory)",
        .0.display()
    )]
    AuditInUse(PathBuf),
    #[error(
        "cannot write the audit log in {}, and no key is used without it; fix the cause, set another directory with \
         audit.directory, or disable the log with audit.enabled",
        directory.display()
    )]
    Audit {
        directory: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot open the data")]
    Engine(#[from] strongroom_engine::Error),
}

/// Parts of an opened store that commands work with.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) engine: Arc<Engine>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<KeyService>,
    /// Log for uses of keys outside the engine.
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) random: Arc<dyn Random>,
    /// File of the root credentials.
    pub(crate) credentials: PathBuf,
}

/// The opened store.
pub(crate) struct Opened<H> {
    pub(crate) handler: H,
    pub(crate) core: Core,
    /// The root credentials, if this start created them.
    pub(crate) new_credentials: Option<Credentials>,
    /// Origin of the keyring.
    pub(crate) keyring: Origin,
    /// Audit log, to be closed at the end.
    pub(crate) audit: Option<Arc<AuditLog>>,
}

/// Opens the store and creates it if the data directory is new. `root` decrypts the keyring.
pub(crate) async fn open(settings: &Settings, root: RootSource) -> Result<Opened<impl Handler>, WiringError> {
    let data_dir = &settings.data_dir;
    private_file::directory(data_dir).map_err(|source| WiringError::DataDirectory {
        path: data_dir.clone(),
        source,
    })?;
    let store = Store::local(store_place(settings), LocalSettings::default()).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());

    let found = keyring::find(&settings.keyring, &root, &*random).await?;
    let keyring::Opened { keyring, origin } = match found {
        Some(found) => found,
        // A new keyring for existing data would only hide that the right one is missing.
        None if Engine::is_used(&store).await? => {
            return Err(WiringError::KeyringGone {
                keyring: settings.keyring.clone(),
                data_dir: data_dir.clone(),
            });
        }
        None => keyring::make(&settings.keyring, &root, &*random).await?,
    };
    // Drop the passphrase as soon as it is no longer needed.
    drop(root);
    let keyring = Arc::new(keyring);
    let audit = open_audit(settings)?;
    let core = start(settings, store, keyring, audit.as_ref(), &random).await?;
    must_hold_all_masters(settings, &core).await?;
    let notes = by_server(&core);
    let read = read_credentials(settings, &core.keyring, &notes)?;
    let (credentials, new_credentials) = if let Some(credentials) = read {
        (credentials, None)
    } else {
        let made = root_credentials::make(&core.credentials, &core.keyring, &*random, &notes);
        let made = made.map_err(WiringError::Credentials)?;
        (made.clone(), Some(made))
    };
    let keys = Arc::new(AccessKeys::new([credentials]));
    tokio::spawn(keep_fresh(core.clone(), Arc::clone(&keys)));
    core.engine.spawn_collector();
    core.engine.spawn_lifecycle();
    let front = Front::new(Arc::clone(&core.engine), keys, front_settings(settings), random);
    Ok(Opened {
        handler: S3 { front },
        core,
        new_credentials,
        keyring: origin,
        audit,
    })
}

/// Refuses to serve with a keyring that lacks a master key in use. It is most likely an older copy, and new keys in it
/// would make two diverging keyrings.
async fn must_hold_all_masters(settings: &Settings, core: &Core) -> Result<(), WiringError> {
    let Some((master, buckets)) = core.engine.lost_masters().await?.pop_first() else {
        return Ok(());
    };
    Err(WiringError::MasterLost {
        keyring: settings.keyring.clone(),
        master,
        buckets: buckets.join(", "),
        place: place::flags(settings),
    })
}

/// Refuses a data directory without a store: it is most likely the wrong directory.
pub(crate) fn must_have_store(settings: &Settings) -> Result<(), WiringError> {
    if store_place(settings).is_dir() {
        Ok(())
    } else {
        Err(WiringError::NoStore(settings.data_dir.clone()))
    }
}

/// Refuses, when run as root, a store or keyring of another user: the server of that user could not read files created
/// by root. Other users cannot write files that are not theirs anyway.
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

/// Opens the keyring for a command that needs an existing store. May ask for a passphrase, and must not be called on a
/// runtime.
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

/// Opens the store of a data directory for a command while no server has it open. Creates no store.
pub(crate) async fn open_for_command(settings: &Settings, keyring: Keyring) -> Result<Core, WiringError> {
    must_not_be_anothers(settings)?;
    let store = Store::local(store_place(settings), LocalSettings::default()).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let audit = open_audit(settings)?;
    start(settings, store, Arc::new(keyring), audit.as_ref(), &random).await
}

fn store_place(settings: &Settings) -> PathBuf {
    settings.data_dir.join("store")
}

async fn start(
    settings: &Settings,
    store: Store,
    keyring: Arc<Keyring>,
    audit: Option<&Arc<AuditLog>>,
    random: &Arc<dyn Random>,
) -> Result<Core, WiringError> {
    let kms = Arc::new(kms::key_service(&settings.kms, &keyring, random)?);
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

/// Returns the audit context for actions of the server itself.
fn by_server(core: &Core) -> Notes<'_> {
    Notes {
        audit: &*core.audit,
        actor: None,
    }
}

/// Opens the audit log and resumes its chain. `None`: the log is disabled.
pub(crate) fn open_audit(settings: &Settings) -> Result<Option<Arc<AuditLog>>, WiringError> {
    let audit = &settings.audit;
    if !audit.enabled {
        tracing::warn!("the audit log is disabled (audit.enabled): uses of keys are not recorded");
        return Ok(None);
    }
    let place = audit::Place {
        directory: audit.directory.clone(),
        rotate_at: audit.rotate_mib.bytes(),
        keep: audit.keep.files(),
    };
    let log = AuditLog::open(place, Arc::new(SystemClock)).map_err(|source| {
        let directory = audit.directory.clone();
        match source.kind() {
            ErrorKind::ResourceBusy => WiringError::AuditInUse(directory),
            _ => WiringError::Audit { directory, source },
        }
    })?;
    Ok(Some(Arc::new(log)))
}

fn front_settings(settings: &Settings) -> strongroom_s3::Settings {
    strongroom_s3::Settings {
        region: settings.region.as_ref().to_owned(),
        hosts: settings
            .hosts
            .iter()
            .filter_map(|host| match host {
                Host::Name(name) => Some(name.clone()),
                Host::Address(_) => None,
            })
            .collect(),
        head_without_key: match settings.sse_c.head_without_key {
            HeadWithoutKey::NotFound => strongroom_s3::HeadWithoutKey::NotFound,
            HeadWithoutKey::BadRequest => strongroom_s3::HeadWithoutKey::BadRequest,
        },
        cleartext: match settings.sse_c.cleartext {
            Cleartext::Loopback => strongroom_s3::Cleartext::Loopback,
            Cleartext::Never => strongroom_s3::Cleartext::Never,
            Cleartext::Always => strongroom_s3::Cleartext::Always,
        },
    }
}

/// Picks up changes made by commands while the server runs: keys first, because a new key may encrypt the credentials.
async fn keep_fresh(core: Core, keys: Arc<AccessKeys>) {
    let file = &core.credentials;
    let mut keys_in_use = Freshness::new();
    let changed = || -> Option<SystemTime> { std::fs::metadata(file).ok()?.modified().ok() };
    let mut seen = changed();
    let mut failed = None;
    loop {
        tokio::time::sleep(REFRESH).await;
        keys_in_use.look(&core.keyring);
        let now = changed();
        if now == seen {
            continue;
        }
        match root_credentials::read(file, &core.keyring, &by_server(&core)) {
            Ok(Some(credentials)) => {
                seen = now;
                // A rewrap under another master key leaves the credentials unchanged.
                if keys.secret(&credentials.access_key_id).is_none() {
                    keys.replace([credentials]);
                    tracing::info!("root credentials replaced");
                }
            }
            // The read is retried at each interval, but a failure is logged only once.
            Err(error) if failed != now => {
                tracing::warn!(%error, "cannot read the new root credentials; the current ones stay in force");
                failed = now;
            }
            Ok(None) | Err(_) => {}
        }
    }
}

/// Returns the root credentials of the data directory. `None`: no server has created them yet.
pub(crate) fn read_credentials(
    settings: &Settings,
    keyring: &Keyring,
    notes: &Notes,
) -> Result<Option<Credentials>, WiringError> {
    let read = root_credentials::read(&root_credentials::path(&settings.data_dir), keyring, notes);
    read.map_err(|error| match error {
        damage @ RootCredentialsError::Damaged(_) => WiringError::DamagedCredentials {
            damage,
            place: place::flags(settings),
        },
        other => WiringError::Credentials(other),
    })
}

/// Passes requests to the S3 front.
struct S3 {
    front: Front,
}

impl Handler for S3 {
    type Body = Body;

    fn may_bring_key(&self, request: &Request<Incoming>) -> bool {
        strongroom_s3::may_bring_customer_key(request)
    }

    async fn answer(&self, connection: Connection, request: Request<Incoming>) -> Response<Body> {
        let transport = Transport {
            secure: connection.secure,
            local: connection.local,
            peer: connection.client,
        };
        self.front.answer(transport, request.map(Body::from)).await
    }
}
