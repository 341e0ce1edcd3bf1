//! The engine itself, and its start.

pub(crate) mod auditing;
pub(crate) mod pending;

use crate::clock::Clock;
use crate::engine::pending::audit_refusal;
use crate::model::error::{Error, Result};
use crate::process::buckets_in_use::BucketsInUse;
use crate::process::ledger::BlobLedger;
use crate::process::wrapping::WrappingLock;
use crate::rows::partition::Partition;
use crate::rows::{Rows, key};
use bytes::Bytes;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;
use strongroom_audit::{Actor, Audit, KeyEvent, KeyUse};
use strongroom_keys::Keyring;
use strongroom_keys::kms::KeyService;
use strongroom_seal::{Envelope, Mode, Place, Random, RowSeal, StoreKey, keys::Wrapped as _};
use strongroom_store::index::FIRST_GENERATION;
use strongroom_store::{Blobs, Check, Commit, PartitionId, Store, Write};

/// Buckets and objects of one store: a handle that is cheap to clone. Its key uses are recorded with its actor.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    /// Originator of the operations. `None`: the server itself.
    actor: Option<Actor>,
}

/// State that all handles of an engine share.
pub struct Shared {
    pub(crate) rows: Arc<Rows>,
    /// Root partition: buckets, and deleted buckets that are still to be cleared.
    pub(crate) root: Partition,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<KeyService>,
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) ledger: Arc<BlobLedger>,
    pub(crate) buckets: Arc<BucketsInUse>,
    pub(crate) wrapping: WrappingLock,
    /// Length of a day in lifecycle rules.
    pub(crate) lifecycle_day: Duration,
    /// Time for which blobs that were set aside are kept.
    pub(crate) keep_lost: Duration,
}

/// Handle that does not keep its engine alive.
pub struct WeakEngine(Weak<Shared>);

impl Deref for Engine {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl WeakEngine {
    /// Returns a handle without an actor. `None`: the engine was dropped.
    pub fn upgrade(&self) -> Option<Engine> {
        Some(Engine {
            shared: self.0.upgrade()?,
            actor: None,
        })
    }
}

/// Everything that an engine is built from.
pub struct Parts {
    /// Storage of blobs and rows.
    pub store: Store,
    /// Master keys.
    pub keyring: Arc<Keyring>,
    /// Key management service for SSE-KMS.
    pub kms: Arc<KeyService>,
    /// Audit log of all uses of keys.
    pub audit: Arc<dyn Audit>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes for keys, salts and ids.
    pub random: Arc<dyn Random>,
    /// Length of a day in lifecycle rules: [`DAY`], except in tests that shorten it.
    pub lifecycle_day: Duration,
    /// Time for which blobs that no row refers to are kept before they are deleted: [`KEEP_LOST`] by default.
    pub keep_lost: Duration,
}

/// Length of a day.
pub const DAY: Duration = Duration::from_hours(24);

/// Default time for which blobs that no row refers to are kept.
pub const KEEP_LOST: Duration = Duration::from_hours(30 * 24);

impl Engine {
    /// Returns a handle that records `actor` as the originator of its key uses.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            actor: Some(actor),
        }
    }

    /// Returns the originator of the operations on this handle. `None`: the server itself.
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Returns a handle that does not keep the engine alive.
    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.shared))
    }

    /// Returns whether the store was used before. A used store must be opened with the keyring it was used with; a
    /// keyring may be created only for an unused one.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_used(store: &Store) -> Result<bool> {
        Ok(store
            .index
            .get(PartitionId::ROOT, key::STORE_KEY)
            .await?
            .is_some())
    }

    /// Starts the engine on a store. Initializes a store that was never used.
    ///
    /// # Errors
    /// [`Error::Keyring`] if the keyring does not belong to the store; [`Error::Store`].
    pub async fn start(parts: Parts) -> Result<Self> {
        let Parts {
            store,
            keyring,
            kms,
            audit,
            clock,
            random,
            lifecycle_day,
            keep_lost,
        } = parts;
        store.index.create_partition(PartitionId::ROOT).await?;
        let (store_key, what, master) = Self::store_key(&store, &keyring, &*audit, &*random).await?;
        audit.record(&KeyEvent {
            actor: None,
            what,
            bucket: "",
            object: "",
            version: None,
            mode: Some(Mode::Store),
            key_id: &master,
            result: "ok",
        })?;
        let rows = Arc::new(Rows::new(
            store.index,
            RowSeal::new(&store_key),
            Arc::clone(&random),
        ));
        let shared = Shared {
            root: Partition::new(&rows, PartitionId::ROOT),
            rows,
            blobs: store.blobs,
            keyring,
            kms,
            audit,
            clock,
            random,
            ledger: Arc::default(),
            buckets: Arc::default(),
            wrapping: WrappingLock::default(),
            lifecycle_day,
            keep_lost,
        };
        Ok(Self {
            shared: Arc::new(shared),
            actor: None,
        })
    }

    /// Opens or creates the store's key. Returns it with the use to record (unwrap or wrap) and the id of its master
    /// key.
    async fn store_key(
        store: &Store,
        keyring: &Keyring,
        audit: &dyn Audit,
        random: &dyn Random,
    ) -> Result<(StoreKey, KeyUse, String)> {
        let row = Bytes::from_static(key::STORE_KEY);
        if let Some(envelope) = store.index.get(PartitionId::ROOT, &row).await? {
            let envelope = Envelope::from_bytes(&envelope)?;
            let opened = keyring.open(&envelope, Place::STORE);
            let opened = opened
                .map_err(|error| audit_refusal(audit, None, Mode::Store, "", envelope.outer_id(), error))?;
            return Ok((opened, KeyUse::Unwrap, envelope.outer_id().to_owned()));
        }
        let made = StoreKey::generate(random)?;
        let envelope = keyring.wrap(&made, Mode::Store, Place::STORE, random)?;
        let commit = Commit {
            generation: FIRST_GENERATION,
            checks: vec![Check::Absent(row.clone())],
            writes: vec![Write::Put(row, Bytes::copy_from_slice(envelope.as_bytes()))],
            ..Commit::default()
        };
        match store.index.commit(PartitionId::ROOT, commit).await? {
            Ok(()) => Ok((made, KeyUse::Wrap, envelope.outer_id().to_owned())),
            Err(_) => Err(Error::Contended),
        }
    }

    /// Returns a new version id. The versions of a key sort newest first, and no id is used twice.
    pub(crate) fn new_version(&self, now: u64) -> Result<[u8; 16]> {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(u64::MAX - now).to_be_bytes());
        self.random.fill(&mut id[8..])?;
        Ok(id)
    }
}
