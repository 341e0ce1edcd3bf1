//! Connects the parts: opens what lies in the data directory and makes the [`Handler`] that serves it.

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

/// How soon a running server takes over credentials that were reset, and keys that were made.
const REFRESH: Duration = Duration::from_secs(2);

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

/// The opened store.
pub(crate) struct Opened<H> {
    pub(crate) handler: H,
    pub(crate) core: Core,
    /// The root credentials if they were made just now.
    pub(crate) new_credentials: Option<Credentials>,
    /// How the keyring was come by.
    pub(crate) keyring: Origin,
    /// The audit log, to be closed at the end.
    pub(crate) audit: Option<Arc<AuditLog>>,
}

/// Opens the store, making it if the data directory is new. `root` opens the keyring.
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
        // A new keyring for old data would only hide that the right one is gone.
        None if Engine::is_used(&store).await? => {
            return Err(WiringError::KeyringGone {
                keyring: settings.keyring.clone(),
                data_dir: data_dir.clone(),
            });
        }
        None => keyring::make(&settings.keyring, &root, &*random).await?,
    };
    // A passphrase is needed no longer.
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

/// Refuses to serve by a keyring that lacks a master key in use: most likely it is an older one, and what it wraps from then on
/// makes two keyrings of one.
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

/// Notes of what the server does by itself.
fn by_server(core: &Core) -> Notes<'_> {
    Notes {
        audit: &*core.audit,
        actor: None,
    }
}

/// Goes on with the audit log, unless it is switched off.
pub(crate) fn open_audit(settings: &Settings) -> Result<Option<Arc<AuditLog>>, WiringError> {
    let audit = &settings.audit;
    if !audit.enabled {
        tracing::warn!("the audit log is switched off (audit.enabled): uses of keys leave no trace");
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

/// Takes up what commands change while the server runs: keys first, because credentials may be sealed by a new one.
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
                // Under another master key they are what they were.
                if keys.secret(&credentials.access_key_id).is_none() {
                    keys.replace([credentials]);
                    tracing::info!("the root credentials were replaced");
                }
            }
            // Tried again and again, told once.
            Err(error) if failed != now => {
                tracing::warn!(%error, "the root credentials in force stay: the new ones cannot be read");
                failed = now;
            }
            Ok(None) | Err(_) => {}
        }
    }
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
            place: place::flags(settings),
        },
        other => WiringError::Credentials(other),
    })
}

/// Hands requests to the S3 front.
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
