//! An engine with its store, keyring and clock, and requests in short form.

use crate::support::clock::TestClock;
use crate::support::kms_double::{DEFAULT_KEY, KmsDouble};
use crate::support::protection::Protection;
use crate::support::recorded_audit::RecordedAudit;
use crate::support::recorded_partitions::RecordedPartitions;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::condition::{ByteRange, WriteConditions};
use strongroom_engine::model::lock::Lock;
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::delete::{DeleteObject, Deleted};
use strongroom_engine::object::get::{Object, ObjectInfo, ReadObject, Select};
use strongroom_engine::object::put::{PutObject, PutOutcome};
use strongroom_engine::{Body, Engine, Parts, Result};
use strongroom_keys::Keyring;
use strongroom_keys::kms::KeyService;
use strongroom_seal::SystemRandom;
use strongroom_store::metered::Meter;
use strongroom_store::{BlobId, LocalSettings, PartitionId, Prepared, Row, Store, StoreId};
use tempfile::TempDir;

/// Bucket that every vault has.
pub(crate) const BUCKET: &str = "the-bucket";

/// Size of the largest object stored inline in its row: a sealed 64 KiB include 40 bytes of header and 16 of tag.
pub(crate) const LARGEST_INLINE: usize = 65_536 - 40 - 16;

pub(crate) struct Vault {
    pub(crate) engine: Engine,
    /// The store itself, below the wrappers through which the engine sees it.
    pub(crate) store: Store,
    pub(crate) partitions: RecordedPartitions,
    /// Clock of all engines on this store.
    pub(crate) clock: Arc<TestClock>,
    /// Key management service of all engines on this store.
    pub(crate) kms: Arc<KmsDouble>,
    /// Audit events of all engines on this store.
    pub(crate) audit: Arc<RecordedAudit>,
    /// Directory of the keyring, and of the store if it is a local one.
    pub(crate) directory: TempDir,
}

impl Vault {
    pub(crate) async fn memory() -> Self {
        Self::through(|store| store).await
    }

    pub(crate) async fn local() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let prepared = Store::prepare(directory.path().join("data"), LocalSettings::default()).await;
        let partitions = RecordedPartitions::default();
        let (sent, store) = mpsc::channel();
        let over = partitions.clone();
        let prepared = prepared.unwrap().through(move |store| {
            sent.send(store.clone()).unwrap();
            over.over(store)
        });
        Self::on(prepared, partitions, || store.recv().unwrap(), directory).await
    }

    /// Creates a vault on each kind of store.
    pub(crate) async fn each() -> [Self; 2] {
        [Self::memory().await, Self::local().await]
    }

    /// Creates a vault on a memory store that the engine sees through `lens`.
    pub(crate) async fn through(lens: impl FnOnce(Store) -> Store) -> Self {
        let (store, partitions) = (Store::memory(), RecordedPartitions::default());
        let seen = lens(partitions.over(store.clone()));
        let prepared = Prepared::open(seen, StoreId([1; 16]), true);
        Self::on(prepared, partitions, || store, tempfile::tempdir().unwrap()).await
    }

    /// Creates a vault on a memory store that counts the calls of the engine.
    pub(crate) async fn metered() -> (Self, Arc<Meter>) {
        let mut meter = None;
        let vault = Self::through(|store| {
            let (store, counted) = store.metered();
            meter = Some(counted);
            store
        })
        .await;
        (vault, meter.unwrap())
    }

    /// Creates a vault. `store` returns the store itself once the engine has started.
    async fn on(
        prepared: Prepared,
        partitions: RecordedPartitions,
        store: impl FnOnce() -> Store,
        directory: TempDir,
    ) -> Self {
        Keyring::create(&directory.path().join("keyring"), &SystemRandom::default()).unwrap();
        let clock = Arc::<TestClock>::default();
        let kms = Arc::<KmsDouble>::default();
        let audit = Arc::<RecordedAudit>::default();
        let engine = start(prepared, &clock, &kms, &audit, &directory).await;
        engine.create_bucket(BUCKET).await.unwrap();
        Self {
            engine,
            store: store(),
            partitions,
            clock,
            kms,
            audit,
            directory,
        }
    }

    /// Starts another engine on the same store, as after a crash of the first.
    pub(crate) async fn restarted(&self) -> Engine {
        self.restarted_through(|store| store).await
    }

    /// Starts another engine that sees the store through `lens`.
    pub(crate) async fn restarted_through(&self, lens: impl FnOnce(Store) -> Store) -> Engine {
        let store = lens(self.partitions.over(self.store.clone()));
        let prepared = Prepared::open(store, StoreId([1; 16]), false);
        start(prepared, &self.clock, &self.kms, &self.audit, &self.directory).await
    }

    pub(crate) async fn put(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
        protection: Protection,
    ) -> Result<PutOutcome> {
        let bytes = bytes.into();
        let put = request(key, bytes.len(), protection);
        self.engine.put_object(put, body(bytes)).await
    }

    pub(crate) async fn get(&self, key: &str, protection: Protection) -> Result<Vec<u8>> {
        get(&self.engine, key, protection, None).await
    }

    pub(crate) async fn get_range(
        &self,
        key: &str,
        protection: Protection,
        range: ByteRange,
    ) -> Result<Vec<u8>> {
        get(&self.engine, key, protection, Some(range)).await
    }

    pub(crate) async fn head(&self, key: &str, protection: Protection) -> Result<ObjectInfo> {
        let read = reading(key);
        let head = self.engine.head_object(&read, protection.on_read());
        head.await.map(|(info, _)| info)
    }

    pub(crate) async fn delete(&self, key: &str) -> Result<Deleted> {
        delete(&self.engine, key).await
    }

    /// Lists the blobs of the store.
    pub(crate) async fn blobs(&self) -> Vec<BlobId> {
        self.store.blobs.list(None, usize::MAX).await.unwrap()
    }

    /// Returns the rows of buckets, without those of the store itself.
    pub(crate) async fn rows(&self) -> Vec<(PartitionId, Row)> {
        let mut rows = self.partitions.rows(&self.store).await;
        rows.retain(|(partition, _)| *partition != PartitionId::ROOT);
        rows
    }

    /// Returns whether the row with the bucket's name and key exists.
    pub(crate) async fn has_row_of_bucket(&self) -> bool {
        let row = [b"bucket/", BUCKET.as_bytes()].concat();
        let rows = self.partitions.rows(&self.store).await;
        rows.iter()
            .any(|(partition, found)| *partition == PartitionId::ROOT && found.key == row)
    }

    /// Returns the kind of each row of buckets: its key up to the first slash.
    pub(crate) async fn kinds_of_rows(&self) -> Vec<String> {
        let rows = self.rows().await.into_iter();
        let word = |row: &Row| String::from_utf8_lossy(row.key.split(|b| *b == b'/').next().unwrap()).into();
        rows.map(|(_, row)| word(&row)).collect()
    }
}

async fn start(
    store: Prepared,
    clock: &Arc<TestClock>,
    kms: &Arc<KmsDouble>,
    audit: &Arc<RecordedAudit>,
    directory: &TempDir,
) -> Engine {
    let parts = Parts {
        store,
        keyring: Arc::new(Keyring::read(&directory.path().join("keyring")).unwrap()),
        kms: Arc::new(KeyService::new(
            Arc::<KmsDouble>::clone(kms),
            Some(DEFAULT_KEY.to_owned()),
        )),
        audit: Arc::<RecordedAudit>::clone(audit),
        clock: Arc::<TestClock>::clone(clock),
        random: Arc::new(SystemRandom::default()),
        lifecycle_day: strongroom_engine::DAY,
        keep_lost: strongroom_engine::KEEP_LOST,
    };
    Engine::start(parts).await.unwrap()
}

/// Describes a new object without headers, metadata, tags or lock.
pub(crate) fn new_object(bucket: &str, key: &str, protection: Protection) -> NewObject {
    NewObject {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        headers: BTreeMap::new(),
        metadata: BTreeMap::new(),
        tags: Tags::default(),
        lock: Lock::default(),
        access: ObjectAccess::default(),
        encryption: protection.on_write(),
    }
}

pub(crate) fn request(key: &str, length: usize, protection: Protection) -> PutObject {
    PutObject {
        object: new_object(BUCKET, key, protection),
        length: Some(length as u64),
        md5: None,
        checksum: None,
        conditions: WriteConditions::default(),
    }
}

/// Builds a request to read a whole object, without conditions.
pub(crate) fn reading(key: &str) -> ReadObject {
    ReadObject {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        ..ReadObject::default()
    }
}

pub(crate) async fn delete(engine: &Engine, key: &str) -> Result<Deleted> {
    let delete = DeleteObject {
        key: key.to_owned(),
        ..DeleteObject::default()
    };
    engine.delete_object(BUCKET, &delete).await
}

/// Returns a body in pieces of 10,007 bytes, whose edges differ from those of chunks.
pub(crate) fn body(bytes: impl Into<Bytes>) -> Body {
    let mut bytes = bytes.into();
    let pieces = std::iter::from_fn(move || {
        let piece = bytes.split_to(bytes.len().min(10_007));
        (!piece.is_empty()).then_some(Ok(piece))
    });
    stream::iter(pieces).boxed()
}

pub(crate) async fn open(
    engine: &Engine,
    key: &str,
    protection: Protection,
    range: Option<ByteRange>,
) -> Result<Object> {
    let read = ReadObject {
        select: range.map_or(Select::All, Select::Range),
        ..reading(key)
    };
    engine.get_object(&read, || protection.on_read()).await
}

pub(crate) async fn get(
    engine: &Engine,
    key: &str,
    protection: Protection,
    range: Option<ByteRange>,
) -> Result<Vec<u8>> {
    whole(open(engine, key, protection, range).await?).await
}

/// Reads the rest of an object.
pub(crate) async fn whole(object: Object) -> Result<Vec<u8>> {
    let announced = object.range.end - object.range.start;
    let pieces: Vec<Bytes> = object.content.try_collect().await?;
    let bytes = pieces.concat();
    assert_eq!(
        bytes.len() as u64,
        announced,
        "the length must be the announced one"
    );
    Ok(bytes)
}

/// Generates the same bytes for the same seed; no two chunks are equal.
pub(crate) fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    });
    words.take(length.div_ceil(8)).flatten().take(length).collect()
}
