//! An engine on a disk whose calls to the store are counted.

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use strongroom_audit::NoAudit;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::model::lock::Lock;
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::put::PutObject;
use strongroom_engine::{DAY, Engine, KEEP_LOST, Parts, SystemClock};
use strongroom_keys::kms::KeyService;
use strongroom_keys::{BuiltInKms, Keyring};
use strongroom_seal::SystemRandom;
use strongroom_store::metered::Meter;
use strongroom_store::{LocalSettings, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// Number of concurrent writers while a bucket is filled.
const WRITERS: usize = 32;

pub(crate) struct Place {
    pub(crate) engine: Engine,
    pub(crate) meter: Arc<Meter>,
    // Last, so that the store is closed before its files are deleted.
    _directory: TempDir,
}

impl Place {
    pub(crate) async fn new(parent: &Path) -> Self {
        Self::through(parent, |store| store).await
    }

    /// Opens a store that the engine sees through `lens`.
    pub(crate) async fn through(parent: &Path, lens: impl FnOnce(Store) -> Store + Send + 'static) -> Self {
        let directory = tempfile::tempdir_in(parent).unwrap();
        let prepared = Store::prepare(directory.path().join("data"), LocalSettings::default())
            .await
            .unwrap();
        let (sent, meter) = std::sync::mpsc::channel();
        let store = prepared.through(move |store| {
            let (store, meter) = lens(store).metered();
            sent.send(meter).unwrap();
            store
        });
        let keyring = Keyring::create(&directory.path().join("keyring"), &SystemRandom::default());
        let keyring = Arc::new(keyring.unwrap());
        let built_in = BuiltInKms::new(Arc::clone(&keyring), Arc::new(SystemRandom::default()));
        let parts = Parts {
            store,
            keyring,
            kms: Arc::new(KeyService::new(Arc::new(built_in), None)),
            audit: Arc::new(NoAudit),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            lifecycle_day: DAY,
            keep_lost: KEEP_LOST,
        };
        Self {
            engine: Engine::start(parts).await.unwrap(),
            meter: meter.recv().unwrap(),
            _directory: directory,
        }
    }

    pub(crate) async fn bucket(&self, name: &str, keeps_versions: bool) {
        self.engine.create_bucket(name).await.unwrap();
        if keeps_versions {
            let change = self
                .engine
                .change_bucket_settings(name, |settings| Ok(settings.set_versioning(Versioning::Enabled)?));
            change.await.unwrap();
        }
    }

    /// Puts a small object, stored inline in its row, at each of `count` keys.
    pub(crate) async fn fill(
        &self,
        bucket: &'static str,
        count: u64,
        key: impl Fn(u64) -> String + Clone + Send + 'static,
    ) {
        self.each(bucket, "put", count, move |engine, number| {
            let key = key(number);
            async move {
                let bytes = Bytes::from_static(b"small");
                let put = PutObject {
                    object: new_object(bucket, &key, EncryptionHeaders::default()),
                    length: Some(bytes.len() as u64),
                    md5: None,
                    checksum: None,
                    conditions: WriteConditions::default(),
                };
                let body = stream::iter([Ok(bytes)]).boxed();
                engine.put_object(put, body).await.unwrap();
            }
        })
        .await;
    }

    /// Runs `work` concurrently for each number below `count`, and prints the progress.
    pub(crate) async fn each<F>(
        &self,
        bucket: &'static str,
        what: &'static str,
        count: u64,
        work: impl Fn(Engine, u64) -> F + Clone + Send + 'static,
    ) where
        F: Future<Output = ()> + Send,
    {
        let next = Arc::new(AtomicU64::new(0));
        let begun = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..WRITERS {
            let (engine, next, work) = (self.engine.clone(), Arc::clone(&next), work.clone());
            workers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    work(engine.clone(), number).await;
                }
            });
        }
        let mut shown = begun;
        while !workers.is_empty() {
            // A failed worker ends the measurement.
            if let Ok(Some(ended)) = tokio::time::timeout(Duration::from_secs(1), workers.join_next()).await {
                ended.unwrap();
            }
            if shown.elapsed() > Duration::from_secs(20) {
                shown = Instant::now();
                let (done, seconds) = (next.load(Ordering::Relaxed).min(count), begun.elapsed().as_secs());
                println!("  {bucket}: {done} of {count} {what} in {seconds} s");
            }
        }
    }
}

pub(crate) fn new_object(bucket: &str, key: &str, encryption: EncryptionHeaders) -> NewObject {
    NewObject {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        headers: BTreeMap::new(),
        metadata: BTreeMap::new(),
        tags: Tags::default(),
        lock: Lock::default(),
        access: ObjectAccess::default(),
        encryption,
    }
}
