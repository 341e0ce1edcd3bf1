//! Versions, uploads and copies on a store that fails at random: acknowledged ones stay, others are whole or absent, and
//! nothing is left behind in the end.

use crate::support::copying::copying;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::seeded_random::SeededRandom;
use crate::support::uploading::{Upload, bulk, listing};
use crate::support::vault::{BUCKET, Vault, body, new_object, request};
use crate::support::versioning::deletion;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::walk::Entry;
use strongroom_engine::upload::{BeginUpload, ListUploads, UploadName};
use strongroom_engine::{Engine, Error, Result};
use strongroom_store::faulty::{Call, Effect, Fault, Faults};

const KEYS: [&str; 2] = ["a", "b"];
const CALLS: [Call; 10] = [
    Call::Commit,
    Call::Commit,
    Call::Commit,
    Call::Get,
    Call::Scan,
    Call::CreateBlob,
    Call::FinishBlob,
    Call::DeleteBlob,
    Call::SyncDeletions,
    Call::Generation,
];

/// Content of a version and the key that encrypts it.
type Held = (Bytes, Protection);

struct Storm {
    engine: Engine,
    random: SeededRandom,
    seed: u64,
    /// Acknowledged versions, by key and name.
    known: BTreeMap<(String, String), Held>,
    /// Versions that may have been deleted.
    doubtful: BTreeSet<(String, String)>,
    /// Contents of all attempted writes.
    tried: Vec<Held>,
}

/// Returns `None` if the store failed; panics on any other error.
fn unless_failed<T: std::fmt::Debug>(outcome: Result<T>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(Error::Store(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

impl Storm {
    fn next(&mut self) -> Held {
        self.seed += 1;
        let size = self.random.one_of(&[10, 70_000]);
        let held = (bulk(self.seed, size), self.random.one_of(&[ALICE, MALLORY]));
        self.tried.push(held.clone());
        held
    }

    fn any(&mut self) -> Option<((String, String), Held)> {
        let certain = |version: &&(String, String)| !self.doubtful.contains(*version);
        let all: Vec<_> = self.known.keys().filter(certain).cloned().collect();
        if all.is_empty() {
            return None;
        }
        let version = all[self.random.below(all.len())].clone();
        let held = self.known[&version].clone();
        Some((version, held))
    }

    fn acknowledged(&mut self, key: &str, version: Option<strongroom_engine::VersionName>, held: Held) {
        let version = (key.to_owned(), version.unwrap().to_string());
        assert!(self.known.insert(version, held).is_none());
    }

    async fn step(&mut self) {
        let key = self.random.one_of(&KEYS);
        match self.random.below(10) {
            0..3 => {
                let held = self.next();
                let put = request(key, held.0.len(), held.1);
                let outcome = self.engine.put_object(put, body(held.0.clone())).await;
                if let Some(put) = unless_failed(outcome) {
                    self.acknowledged(key, put.committed.version, held);
                }
            }
            3..6 => {
                let Some(((key, version), (bytes, from))) = self.any() else {
                    return;
                };
                let to = self.random.one_of(&[ALICE, MALLORY]);
                self.tried.push((bytes.clone(), to));
                let version = strongroom_engine::VersionName::read(&version).unwrap();
                let copy = CopyObject {
                    source: crate::support::versioning::reading_version(&key, version),
                    ..copying(&key, &key, to)
                };
                let copied = self.engine.copy_object(copy, || from.on_read()).await;
                if let Some(copied) = unless_failed(copied) {
                    self.acknowledged(&key, copied.committed.version, (bytes, to));
                }
            }
            6..8 => {
                let Some((named, _)) = self.any() else {
                    return;
                };
                let version = strongroom_engine::VersionName::read(&named.1).unwrap();
                let deletion = deletion(&named.0, version);
                let deleted = self.engine.delete_object(BUCKET, &deletion).await;
                if unless_failed(deleted).is_some() {
                    self.known.remove(&named);
                } else {
                    self.doubtful.insert(named);
                }
            }
            8 => {
                let held = self.next();
                let done = self.upload(key, held.clone()).await;
                if let Some(completed) = unless_failed(done) {
                    self.acknowledged(key, completed.committed.version, held);
                }
            }
            _ => drop(unless_failed(self.engine.collect().await)),
        }
    }

    async fn upload(&mut self, key: &str, held: Held) -> Result<strongroom_engine::upload::Completion> {
        let begin = BeginUpload {
            object: new_object(BUCKET, key, held.1),
            checksum: None,
            initiator: None,
        };
        let upload = Upload::begin(&self.engine, begin, held.1).await?;
        upload.part(2, bulk(0, 70_000)).await?;
        let part = upload.part(1, held.0).await?;
        upload.complete(&[listing(1, &part)]).await
    }
}

async fn abort_all(vault: &Vault) {
    let list = ListUploads {
        limit: 10_000,
        ..ListUploads::default()
    };
    for entry in vault.engine.list_uploads(BUCKET, &list).await.unwrap().entries {
        let Entry::Item(listed) = entry else {
            panic!("{entry:?}")
        };
        let name = UploadName {
            bucket: BUCKET.to_owned(),
            key: listed.key,
            id: listed.id,
        };
        vault.engine.abort_upload(&name).await.unwrap();
    }
}

async fn run(seed: u64) {
    let mut vault = Vault::memory().await;
    vault.keep_versions().await;
    let faults = Faults::none();
    let engine = vault
        .restarted_through(|store| store.faulty(faults.clone()))
        .await;
    let mut storm = Storm {
        engine: engine.clone(),
        random: SeededRandom(seed),
        seed: seed * 1000,
        known: BTreeMap::new(),
        doubtful: BTreeSet::new(),
        tried: Vec::new(),
    };
    for _ in 0..100 {
        if storm.random.below(3) == 0 {
            let call = storm.random.one_of(&CALLS);
            let effect = storm.random.one_of(&[Effect::Fail, Effect::FailAfter]);
            let nth = 1 + storm.random.below(3) as u64;
            faults.add(Fault { call, nth, effect });
        }
        storm.step().await;
    }
    assert!(faults.struck() > 10, "there were at least 10 faults");
    faults.clear();
    if seed.is_multiple_of(2) {
        engine.collect().await.unwrap();
    }
    storm.engine = vault.engine.clone();
    drop(engine);
    // The process ends and another one starts.
    vault.engine = vault.restarted().await;
    vault.engine.collect_orphans().await.unwrap();
    let mut listed = BTreeSet::new();
    for version in vault.versions().await {
        assert!(!version.is_marker);
        let key = &version.object.key;
        let named = (key.clone(), version.version.to_string());
        let expected = match storm.known.get(&named) {
            Some(held) => std::slice::from_ref(held),
            None => &storm.tried[..],
        };
        let mut opened = 0;
        for protection in [ALICE, MALLORY] {
            if let Ok(bytes) = vault.get_version(key, version.version, protection).await {
                let right = |held: &Held| held.0 == bytes && held.1 == protection;
                assert!(expected.iter().any(right), "seed {seed}: {named:?}");
                opened += 1;
            }
        }
        assert_eq!(opened, 1, "seed {seed}: {named:?}");
        listed.insert(named);
    }
    for named in storm
        .known
        .keys()
        .filter(|named| !storm.doubtful.contains(*named))
    {
        assert!(listed.contains(named), "seed {seed}: {named:?} is lost");
    }
    abort_all(&vault).await;
    // After a start, every partition is checked.
    vault.engine.spawn_collector();
    for version in vault.versions().await {
        let deletion = deletion(&version.object.key, version.version);
        vault.engine.delete_object(BUCKET, &deletion).await.unwrap();
    }
    for _ in 0..500 {
        if vault.rows_of_objects().await.is_empty() && vault.blobs().await.is_empty() {
            vault
                .engine
                .delete_bucket(BUCKET)
                .await
                .expect("the counter is 0");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    vault.is_empty_once_collected().await;
}

#[tokio::test]
async fn no_acknowledged_version_is_lost_under_random_faults() {
    for seed in 0..12 {
        run(seed).await;
    }
}
