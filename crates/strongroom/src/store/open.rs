//! Opens the store of a data directory, and the audit log beside it.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::geteuid;
use strongroom_access::Credentials;
use strongroom_access::arn::AccountId;
use strongroom_audit::log::writer::LogDirectory;
use strongroom_audit::{Actor, Audit, AuditLog, NoAudit};
use strongroom_engine::model::quota::{AccountLimits, AccountQuota, Quota};
use strongroom_engine::{Clock as _, Engine, Error, Parts, SystemClock};
use strongroom_identity::{Identities, IdentityError, Now};
use strongroom_keys::Keyring;
use strongroom_keys::kms::KeyService;
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::{
    FoundStore, HistoryUse, LocalSettings, Prepared, Store, StoreError, StoreId, Timeline,
};
use tokio::sync::OnceCell;

use super::key_service;
use super::keyring::{self, OpenError};
use super::noted_head::{self, RolledBack};
use super::open_error::OpenStoreError;
use super::root_credentials::{self, AuditContext, RootCredentialsError};
use super::same_store_flags;
use crate::settings::Settings;

/// Parts of an opened store that commands work with.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<KeyService>,
    /// Log for uses of keys outside the engine.
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) random: Arc<dyn Random>,
    /// File of the root credentials.
    pub(crate) credentials: PathBuf,
    /// Accounts and their users, once they were needed. Shared by all clones, because it caches what it read.
    pub(crate) identities: Arc<OnceCell<Identities>>,
    /// Timeline of the store's commits.
    pub(crate) timeline: Option<Timeline>,
}

impl Core {
    /// Returns the accounts and their users. Creates the first account in a new store.
    ///
    /// # Errors
    /// Errors of the store.
    pub(crate) async fn identities(&self) -> Result<&Identities, IdentityError> {
        let open = || {
            let rows = self.engine.rows();
            let now: Now = Arc::new(|| SystemClock.now());
            let random = Arc::clone(&self.random);
            async move {
                let identities = Identities::open(&rows, self.timeline, now, random).await?;
                self.engine
                    .set_account_limits(Arc::new(LimitsOfAccounts(identities.clone())));
                if identities.is_restored() {
                    tracing::warn!(
                        "the store was restored: sessions are void, and access keys and passwords until they are confirmed; \
                         see strongroom account unconfirmed"
                    );
                }
                Ok(identities)
            }
        };
        self.identities.get_or_try_init(open).await
    }

    /// Returns the same parts, with an engine that records `actor` as the originator of its key uses.
    pub(crate) fn acting_as(&self, actor: Actor) -> Self {
        Self {
            engine: self.engine.acting_as(actor),
            ..self.clone()
        }
    }
}

/// Limits of accounts, from their quotas, for the engine.
struct LimitsOfAccounts(Identities);

impl AccountLimits for LimitsOfAccounts {
    fn quota(&self, account: AccountId) -> AccountQuota {
        let quota = self.0.quota(account);
        AccountQuota {
            contents: Quota {
                bytes: quota.bytes,
                objects: quota.objects,
            },
            buckets: quota.buckets,
        }
    }
}

/// Refuses a data directory without a store: it is most likely the wrong directory.
pub(crate) fn must_have_store(settings: &Settings) -> Result<(), OpenStoreError> {
    if store_directory(settings).is_dir() {
        Ok(())
    } else {
        Err(OpenStoreError::NoStore(settings.data_dir.clone()))
    }
}

/// Refuses, when run as root, a store or keyring of another user: the server of that user could not read files created
/// by root. Other users cannot write files that are not theirs anyway.
pub(crate) fn must_not_be_anothers(settings: &Settings) -> Result<(), OpenStoreError> {
    if !geteuid().is_root() {
        return Ok(());
    }
    for path in [store_directory(settings), settings.keyring.clone()] {
        let owner = std::fs::metadata(&path).map_or(0, |found| found.uid());
        if owner != 0 {
            return Err(OpenStoreError::NotRoots { path, owner });
        }
    }
    Ok(())
}

/// Opens the keyring for a command that needs an existing store. May ask for a passphrase, and must not be called on a
/// runtime.
pub(crate) fn keyring_for_command(settings: &Settings) -> Result<Keyring, OpenStoreError> {
    must_have_store(settings)?;
    let keyring = match keyring::open(settings) {
        Err(OpenError::Missing(keyring)) => {
            return Err(OpenStoreError::KeyringGone {
                keyring,
                data_dir: settings.data_dir.clone(),
            });
        }
        other => other?,
    };
    match must_belong(settings, &keyring)? {
        Some(_) => Ok(keyring),
        None => Err(OpenStoreError::NoStore(settings.data_dir.clone())),
    }
}

/// Refuses a directory that does not contain the store that the keyring belongs to. A keyring that was never used
/// belongs to none. Returns the store that was found.
pub(crate) fn must_belong(
    settings: &Settings,
    keyring: &Keyring,
) -> Result<Option<FoundStore>, OpenStoreError> {
    let found = Store::find(&store_directory(settings))?;
    let Some(noted) = keyring.store().map(StoreId) else {
        return Ok(found);
    };
    match found {
        Some(is_own) if is_own.id == noted => Ok(found),
        Some(found) if !found.is_new => Err(OpenStoreError::OtherStore {
            directory: store_directory(settings),
            found: found.id,
            keyring: settings.keyring.clone(),
            noted,
            flags: same_store_flags::flags(settings),
        }),
        // An unfinished creation holds nothing.
        Some(_) | None => Err(OpenStoreError::StoreGone {
            directory: store_directory(settings),
            keyring: settings.keyring.clone(),
            noted,
            flags: same_store_flags::flags(settings),
        }),
    }
}

/// Refuses to create a keyring where there is a store, or was one: it would only hide that the right one is missing.
pub(crate) fn must_be_unused(settings: &Settings) -> Result<(), OpenStoreError> {
    if Store::find(&store_directory(settings))?.is_some_and(|found| !found.is_new) {
        return Err(OpenStoreError::KeyringGone {
            keyring: settings.keyring.clone(),
            data_dir: settings.data_dir.clone(),
        });
    }
    let credentials = root_credentials::path(&settings.data_dir);
    if credentials.exists() {
        return Err(OpenStoreError::OnlyCredentials {
            directory: store_directory(settings),
            keyring: settings.keyring.clone(),
            credentials,
        });
    }
    Ok(())
}

/// Opens the store of a data directory for a command while no server has it open. Creates no store.
pub(crate) async fn open_for_command(settings: &Settings, keyring: Keyring) -> Result<Core, OpenStoreError> {
    must_not_be_anothers(settings)?;
    let store = Store::prepare(store_directory(settings), settings_of_command(settings)).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    let audit = open_audit(settings)?;
    let store = noted_head::required(settings, store);
    start(settings, store, Arc::new(keyring), audit.as_ref(), &random).await
}

pub(crate) fn store_directory(settings: &Settings) -> PathBuf {
    settings.data_dir.join("store")
}

/// Returns the settings with which a server opens the store.
pub(crate) fn settings_of_server(settings: &Settings) -> LocalSettings {
    LocalSettings {
        history: settings.store.history.map_or(HistoryUse::Off, HistoryUse::Within),
        ..settings_of_command(settings)
    }
}

/// Returns the settings with which a command opens the store. It may not know those of the server, so it discards nothing.
fn settings_of_command(settings: &Settings) -> LocalSettings {
    LocalSettings {
        reserve_bytes: settings.store.reserve_bytes,
        history: HistoryUse::AsFound,
        write_buffer_bytes: settings.store.write_buffer_bytes,
        ..LocalSettings::default()
    }
}

pub(crate) async fn start(
    settings: &Settings,
    store: Prepared,
    keyring: Arc<Keyring>,
    audit: Option<&Arc<AuditLog>>,
    random: &Arc<dyn Random>,
) -> Result<Core, OpenStoreError> {
    let timeline = store.timeline;
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
        keep_lost: settings.store.keep_lost,
    };
    let engine = Engine::start(parts).await.map_err(|error| match error {
        Error::Store(StoreError::RolledBack { noted, reason }) => {
            RolledBack::new(settings, &store_directory(settings), noted, reason).into()
        }
        other => OpenStoreError::Engine(other),
    })?;
    Ok(Core {
        engine,
        keyring,
        kms,
        audit,
        random: Arc::clone(random),
        credentials: root_credentials::path(&settings.data_dir),
        identities: Arc::default(),
        timeline,
    })
}

/// Opens the audit log and resumes its chain. `None`: the log is disabled.
pub(crate) fn open_audit(settings: &Settings) -> Result<Option<Arc<AuditLog>>, OpenStoreError> {
    let audit = &settings.audit;
    if !audit.enabled {
        tracing::warn!("the audit log is disabled (audit.enabled): uses of keys are not recorded");
        return Ok(None);
    }
    let directory = LogDirectory {
        path: audit.directory.clone(),
        rotate_at: audit.rotate_mib.bytes(),
        keep: audit.keep.files(),
    };
    let clock = Arc::new(|| SystemClock.now());
    let log = AuditLog::open(directory, clock, audit.requests.0).map_err(|source| {
        let directory = audit.directory.clone();
        match source.kind() {
            ErrorKind::ResourceBusy => OpenStoreError::AuditInUse(directory),
            _ => OpenStoreError::Audit { directory, source },
        }
    })?;
    Ok(Some(Arc::new(log)))
}

/// Returns the root credentials of the data directory. `None`: no server has created them yet.
pub(crate) fn read_credentials(
    settings: &Settings,
    keyring: &Keyring,
    context: &AuditContext,
) -> Result<Option<Credentials>, OpenStoreError> {
    let read = root_credentials::read(&root_credentials::path(&settings.data_dir), keyring, context);
    read.map_err(|error| match error {
        damage @ RootCredentialsError::Damaged(_) => OpenStoreError::DamagedCredentials {
            damage,
            flags: same_store_flags::flags(settings),
        },
        other => OpenStoreError::Credentials(other),
    })
}
