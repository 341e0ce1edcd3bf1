//! Assembles the server: opens what is stored in the data directory and creates the [`Handler`] that serves it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use strongroom_access::{AccessKeys, Credentials};
use strongroom_audit::AuditLog;
use strongroom_engine::{Clock as _, SystemClock};
use strongroom_iam::{Components, Iam};
use strongroom_identity::Identities;
use strongroom_identity::signers::Signers;
use strongroom_keys::RootSource;
use strongroom_s3::{Front, RequestLimits};
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::Store;

use super::console::ConsoleHandler;
use super::issuer_documents::IssuerDocuments;
use super::listen::handler::Handler;
use super::memory_size;
use super::services::{ChangeLog, Services};
use crate::files::private_file;
use crate::settings::{Host, Settings};
use crate::store::keyring::{self, Freshness, Origin};
use crate::store::noted_head;
use crate::store::open::{
    Core, must_be_unused, must_belong, open_audit, read_credentials, settings_of_server, start,
    store_directory,
};
use crate::store::open_error::OpenStoreError;
use crate::store::root_credentials::{self, AuditContext};
use crate::store::same_store_flags;

/// Interval at which a running server picks up reset credentials and new keys.
const REFRESH: Duration = Duration::from_secs(2);

/// Interval at which the last uses of access keys are written.
const LAST_USES: Duration = Duration::from_mins(1);

/// The opened store.
pub(crate) struct Opened<H, C> {
    pub(crate) handler: H,
    /// The web console. `None`: it is off.
    pub(crate) console: Option<C>,
    pub(crate) core: Core,
    /// The root credentials, if this start created them.
    pub(crate) new_credentials: Option<Credentials>,
    /// Origin of the keyring.
    pub(crate) keyring: Origin,
    /// Audit log, to be closed at the end.
    pub(crate) audit: Option<Arc<AuditLog>>,
}

/// Refusals that the operator overrides for one start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Accepted {
    /// The keyring and the root credentials belong from now on to the store that is found or created, whichever it is.
    pub(crate) new_store: bool,
    /// The store may be older than the audit log shows, and any number of blobs without rows is set aside.
    pub(crate) lost_rows: bool,
}

/// Opens the store and creates it if the data directory is new. `root` decrypts the keyring.
pub(crate) async fn open(
    settings: &Settings,
    root: RootSource,
    accepted: Accepted,
) -> Result<Opened<impl Handler, impl Handler>, OpenStoreError> {
    let data_dir = &settings.data_dir;
    private_file::directory(data_dir).map_err(|source| OpenStoreError::DataDirectory {
        path: data_dir.clone(),
        source,
    })?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let found = keyring::find(&settings.keyring, &root, &*random).await?;
    // Before anything is created in a directory that may be the wrong one.
    match &found {
        Some(_) if accepted.new_store => {}
        Some(found) => {
            must_belong(settings, &found.keyring)?;
        }
        None => must_be_unused(settings)?,
    }
    // An earlier process may have been killed between the renaming of a file and the sync of its folder.
    for file in [&settings.keyring, &root_credentials::path(data_dir)] {
        if let Err(error) = private_file::sync_folder_of(file) {
            tracing::warn!(%error, file = %file.display(), "cannot sync the folder of this file: a power cut may lose it");
        }
    }
    let store = Store::prepare(store_directory(settings), settings_of_server(settings)).await?;
    let keyring::Opened { keyring, origin } = match found {
        Some(found) => found,
        None => keyring::create(&settings.keyring, &root, &*random).await?,
    };
    // Drop the passphrase as soon as it is no longer needed.
    drop(root);
    let keyring = Arc::new(keyring);
    let audit = open_audit(settings)?;
    let (id, is_new) = (store.id.0, store.is_new);
    if is_new {
        // Before the creation is complete, so that no store is ever lost without being missed.
        keyring.note_store(id, &*random)?;
    }
    let store = if accepted.lost_rows {
        store
    } else {
        noted_head::required(settings, store)
    };
    let core = start(settings, store, keyring, audit.as_ref(), &random).await?;
    if !is_new {
        // After its key was opened: the keyring does belong to it.
        core.keyring.note_store(id, &*random)?;
    }
    must_hold_all_masters(settings, &core).await?;
    let context = by_server(&core);
    if accepted.new_store {
        let adopted = root_credentials::adopt(&core.credentials, &core.keyring, &*random, &context);
        adopted.map_err(OpenStoreError::Credentials)?;
    }
    let read = read_credentials(settings, &core.keyring, &context)?;
    let (credentials, new_credentials) = if let Some(credentials) = read {
        (credentials, None)
    } else {
        let created = root_credentials::create(&core.credentials, &core.keyring, &*random, &context);
        let created = created.map_err(OpenStoreError::Credentials)?;
        (created.clone(), Some(created))
    };
    let keys = Arc::new(AccessKeys::new([credentials]));
    tokio::spawn(keep_fresh(core.clone(), Arc::clone(&keys)));
    if accepted.lost_rows {
        core.engine.accept_lost_rows();
    }
    core.engine.spawn_collector();
    core.engine.spawn_lifecycle();
    core.engine.spawn_sampling(settings.store.usage_days);
    if let Some(audit) = &audit {
        tokio::spawn(noted_head::keep_noting(
            Arc::clone(audit),
            core.engine.downgrade(),
        ));
    }
    let identities = core.identities().await?.clone();
    tokio::spawn(write_last_uses(identities.clone()));
    let signers = Signers::new(identities, keys);
    let iam = Iam::new(Components {
        signers: signers.clone(),
        settings: strongroom_iam::Settings {
            region: settings.region.as_ref().to_owned(),
            plain_http_issuers: settings.oidc.plain_http,
        },
        now: Arc::new(|| SystemClock.now()),
        random: Arc::clone(&random),
        record: Arc::new(ChangeLog(Arc::clone(&core.audit))),
        documents: Arc::new(IssuerDocuments::new(&settings.oidc).map_err(OpenStoreError::IdentityProviders)?),
    });
    let console = ConsoleHandler::open(settings, &core.engine, &signers, &core.audit, &random).await?;
    let front = Front::new(core.engine.clone(), signers, front_settings(settings), random);
    Ok(Opened {
        console,
        handler: Services::new(front, iam, Arc::clone(&core.audit)),
        core,
        new_credentials,
        keyring: origin,
        audit,
    })
}

/// Refuses to serve with a keyring that lacks a master key in use. It is most likely an older copy, and new keys in it
/// would make two diverging keyrings.
async fn must_hold_all_masters(settings: &Settings, core: &Core) -> Result<(), OpenStoreError> {
    let Some((master, buckets)) = core.engine.lost_masters().await?.pop_first() else {
        return Ok(());
    };
    Err(OpenStoreError::MasterLost {
        keyring: settings.keyring.clone(),
        master,
        buckets: buckets.join(", "),
        flags: same_store_flags::flags(settings),
    })
}

/// Returns the audit context for actions of the server itself.
fn by_server(core: &Core) -> AuditContext<'_> {
    AuditContext {
        audit: &*core.audit,
        actor: None,
    }
}

fn front_settings(settings: &Settings) -> strongroom_s3::Settings {
    let buffers = settings
        .memory
        .buffers
        .unwrap_or_else(memory_size::default_buffers);
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
        head_without_key: settings.sse_c.head_without_key,
        cleartext: settings.sse_c.cleartext,
        buffers: usize::try_from(buffers).unwrap_or(usize::MAX),
        longest_read: settings.requests.longest_read,
        all_requests: RequestLimits {
            per_second: NonZeroU32::new(settings.requests.per_second),
            at_once: NonZeroU32::new(settings.requests.at_once),
        },
        account_requests: RequestLimits {
            per_second: NonZeroU32::new(settings.requests.account_per_second),
            at_once: NonZeroU32::new(settings.requests.account_at_once),
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

/// Writes the last uses of access keys and roles every minute.
async fn write_last_uses(identities: Identities) {
    loop {
        tokio::time::sleep(LAST_USES).await;
        if let Err(error) = identities.write_last_uses().await {
            tracing::warn!(%error, "cannot write the last uses of access keys; they are kept for the next attempt");
        }
    }
}
