//! The engine itself, and its start.

pub(crate) mod auditing;
pub(crate) mod authenticator;
pub(crate) mod pending;
pub(crate) mod store_key;

use crate::clock::Clock;
use crate::engine::authenticator::UnderStoreKey;
use crate::model::error::Result;
use crate::model::judged::JudgedObject;
use crate::process::allowed_orphans::AllowedOrphans;
use crate::process::buckets_in_use::BucketsInUse;
use crate::process::ledger::BlobLedger;
use crate::process::meters::Meters;
use crate::process::wrapping::WrappingLock;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;
use strongroom_audit::{Actor, Audit};
use strongroom_keys::Keyring;
use strongroom_keys::kms::KeyService;
use strongroom_rows::{Partition, Rows};
use strongroom_seal::{Random, RowSeal};
use strongroom_store::{Blobs, Integrity, PartitionId, Prepared, Snapshots, StoreId, WrappedKeys};

/// Buckets and objects of one store: a handle that is cheap to clone. Its key uses are recorded with its actor.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    /// Originator of the operations. `None`: the server itself.
    actor: Option<Actor>,
    /// Objects that the permission for the operations was decided about.
    judged: Vec<JudgedObject>,
}

/// State that all handles of an engine share.
pub struct Shared {
    pub(crate) rows: Arc<Rows>,
    /// Root partition: buckets, and deleted buckets that are still to be cleared.
    pub(crate) root: Partition,
    pub(crate) blobs: Arc<dyn Blobs>,
    /// Envelopes of the keys that master keys wrap: the store's and the buckets'.
    pub(crate) keys: Arc<dyn WrappedKeys>,
    /// Checks of the store's own structures.
    pub(crate) integrity: Arc<dyn Integrity>,
    pub(crate) snapshots: Arc<dyn Snapshots>,
    /// Id of the store.
    pub(crate) store: StoreId,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<KeyService>,
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) ledger: Arc<BlobLedger>,
    pub(crate) orphans: AllowedOrphans,
    pub(crate) buckets: Arc<BucketsInUse>,
    pub(crate) meters: Arc<Meters>,
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
            judged: Vec::new(),
        })
    }
}

/// Everything that an engine is built from.
pub struct Parts {
    /// Storage of blobs, rows and wrapped keys.
    pub store: Prepared,
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
            judged: self.judged.clone(),
        }
    }

    /// Returns a handle that finds these objects only with the access that the permission was decided by.
    #[must_use]
    pub fn permitted_by(self, judged: Vec<JudgedObject>) -> Self {
        Self { judged, ..self }
    }

    /// Returns the objects that the permission for the operations on this handle was decided about.
    pub(crate) fn judged(&self) -> &[JudgedObject] {
        &self.judged
    }

    /// Returns the originator of the operations on this handle. `None`: the server itself.
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Returns the rows of the store's index. For the crate `identity` alone, which keeps its rows in a partition of
    /// its own; the partitions of the engine are changed by the engine only.
    pub fn rows(&self) -> Arc<Rows> {
        Arc::clone(&self.rows)
    }

    /// Returns a handle that does not keep the engine alive.
    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.shared))
    }

    /// Starts the engine on a store: opens its key, then the store. Initializes a new store.
    ///
    /// # Errors
    /// [`crate::Error::Keyring`] if the keyring does not belong to the store; [`crate::Error::Damaged`] if the store has
    /// no key; [`crate::Error::Store`].
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
        let opened = store_key::open_or_create(&store, &keyring, &*audit, &*random).await?;
        opened.record(&*audit)?;
        let key = opened.key;
        let authenticator = UnderStoreKey::new(&key, Arc::clone(&random))?;
        let id = store.id;
        let store = store.recover(Arc::new(authenticator)).await?;
        if store.index.generation(PartitionId::ROOT).await?.is_none() {
            store.index.create_partition(PartitionId::ROOT).await?;
        }
        let rows = Arc::new(Rows::new(store.index, RowSeal::new(&key), Arc::clone(&random)));
        let ledger = Arc::<BlobLedger>::default();
        let orphans = AllowedOrphans::new(Arc::clone(&store.integrity), Arc::clone(&ledger));
        let shared = Shared {
            root: Partition::new(&rows, PartitionId::ROOT),
            rows,
            blobs: store.blobs,
            keys: store.keys,
            integrity: store.integrity,
            snapshots: store.snapshots,
            store: id,
            keyring,
            kms,
            audit,
            clock,
            random,
            orphans,
            ledger,
            buckets: Arc::default(),
            meters: Arc::default(),
            wrapping: WrappingLock::default(),
            lifecycle_day,
            keep_lost,
        };
        Ok(Self {
            shared: Arc::new(shared),
            actor: None,
            judged: Vec::new(),
        })
    }

    /// Returns a new version id. The versions of a key sort newest first, and no id is used twice.
    pub(crate) fn new_version(&self, now: u64) -> Result<[u8; 16]> {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(u64::MAX - now).to_be_bytes());
        self.random.fill(&mut id[8..])?;
        Ok(id)
    }
}
