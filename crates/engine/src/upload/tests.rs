//! The largest possible uploads. Their parts are rows written by the test, as uploading 50 GiB would take too long.

use super::*;
use crate::clock::SystemClock;
use crate::engine::Parts;
use crate::model::acl::ObjectAccess;
use crate::model::condition::WriteConditions;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::limits::MAX_PARTS;
use crate::model::tags::Tags;
use crate::object::delete::DeleteObject;
use crate::object::get::{ReadObject, Select};
use crate::rows::record::PartRecord;
use std::collections::BTreeMap;
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::metered::{Meter, Snapshot};
use strongroom_store::{Prepared, Store, StoreId};

const BUCKET: &str = "the-bucket";
const LENGTH: u64 = 5 << 20;

struct Place {
    engine: Engine,
    meter: Arc<Meter>,
    name: UploadName,
}

impl Place {
    /// Begins an upload with this many parts.
    async fn with_parts(count: u32) -> Self {
        let (store, meter) = Store::memory().metered();
        let directory = tempfile::tempdir().unwrap();
        let parts = Parts {
            store: Prepared::open(store, StoreId([1; 16]), true),
            keyring: Arc::new(
                Keyring::create(&directory.path().join("keyring"), &SystemRandom::default()).unwrap(),
            ),
            kms: Arc::default(),
            audit: Arc::new(strongroom_audit::NoAudit),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            lifecycle_day: crate::engine::DAY,
            keep_lost: crate::engine::KEEP_LOST,
        };
        let engine = Engine::start(parts).await.unwrap();
        engine.create_bucket(BUCKET).await.unwrap();
        let object = NewObject {
            bucket: BUCKET.to_owned(),
            key: "a".to_owned(),
            headers: BTreeMap::new(),
            metadata: BTreeMap::new(),
            tags: Tags::default(),
            lock: Lock::default(),
            access: ObjectAccess::default(),
            encryption: EncryptionHeaders::default(),
        };
        let checksum = None;
        let begun = engine
            .begin_upload(BeginUpload {
                object,
                checksum,
                initiator: None,
            })
            .await
            .unwrap();
        let name = UploadName {
            bucket: BUCKET.to_owned(),
            key: "a".to_owned(),
            id: begun.id,
        };
        let upload = engine.upload(&name).await.unwrap();
        let mut batch = upload.bucket.rows.batch();
        for number in 1..=count {
            let id: [u8; 16] = u128::from(number).to_be_bytes();
            let part = PartRecord {
                length: LENGTH,
                modified: 1,
                etag: id,
                salt: [7; 32],
                algorithm: ChecksumAlgorithm::Crc64Nvme,
                checksum: vec![7; 8],
                blob: id,
                mode: upload.mode() as u8,
            };
            batch.put(key::part(upload.id, number), &part).unwrap();
        }
        assert!(batch.commit().await.unwrap().is_done());
        Self { engine, meter, name }
    }

    fn listed(numbers: impl Iterator<Item = u32>) -> Vec<CompletedPart> {
        let listed = |number: u32| CompletedPart {
            number: number.into(),
            etag: hex::encode(u128::from(number).to_be_bytes()),
            checksum: None,
        };
        numbers.map(listed).collect()
    }

    async fn complete(&self, parts: Vec<CompletedPart>) -> Result<Completion> {
        let complete = CompleteUpload {
            upload: self.name.clone(),
            parts,
            encryption: EncryptionHeaders::default(),
            checksum: None,
            composite: None,
            length: None,
            conditions: WriteConditions::default(),
        };
        self.engine.complete_upload(complete).await
    }

    /// Runs `work` and returns its requests to the store.
    async fn cost<T>(&self, work: impl Future<Output = Result<T>>) -> (T, Snapshot) {
        let before = self.meter.snapshot();
        let outcome = work.await.unwrap();
        let mut cost = self.meter.snapshot();
        cost.index_commits.made -= before.index_commits.made;
        cost.index_gets.made -= before.index_gets.made;
        cost.index_scans.made -= before.index_scans.made;
        cost.rows_scanned -= before.rows_scanned;
        (outcome, cost)
    }

    /// Asserts that all rows left in the bucket begin with one of these words.
    async fn only(&self, words: &[&[u8]]) {
        let bucket = self.engine.bucket(BUCKET).await.unwrap();
        let scan = strongroom_store::Scan {
            prefix: Bytes::new(),
            from: Bytes::new(),
            limit: usize::MAX,
        };
        for row in self.engine.rows.index().scan(bucket.id(), scan).await.unwrap() {
            let expected = words.iter().any(|word| row.key.starts_with(word));
            assert!(expected, "{}", row.key.escape_ascii());
        }
    }
}

#[tokio::test]
async fn ten_thousand_parts_are_completed_in_one_commit() {
    let place = Place::with_parts(MAX_PARTS).await;
    let completing = place.complete(Place::listed(1..=MAX_PARTS));
    let (completed, cost) = Box::pin(place.cost(completing)).await;
    assert_eq!(cost.index_commits.made, 1);
    assert!(cost.index_scans.made <= 12, "{} scans", cost.index_scans.made);
    assert!(cost.index_gets.made <= 20, "{} gets", cost.index_gets.made);
    assert!(completed.committed.etag.ends_with("-10000"));
    place.engine.collect().await.unwrap();
    place.only(&[b"current/", b"version/", b"parts/"]).await;

    let mut read = ReadObject {
        bucket: BUCKET.to_owned(),
        key: "a".to_owned(),
        ..ReadObject::default()
    };
    let attributes = place.engine.object_parts(&read, EncryptionHeaders::default());
    let ((info, parts), _) = place.cost(attributes).await;
    assert_eq!(info.length, LENGTH * u64::from(MAX_PARTS));
    assert_eq!((info.parts, parts.len()), (Some(10_000), 10_000));
    read.select = Select::Part(MAX_PARTS);
    let head = place.engine.head_object(&read, EncryptionHeaders::default());
    let ((_, range), cost) = place.cost(head).await;
    assert_eq!(range, info.length - LENGTH..info.length);
    assert!(cost.index_gets.made <= 3 && cost.index_scans.made == 0);
    // The row that listings of versions read does not grow with the number of parts.
    let bucket = place.engine.bucket(BUCKET).await.unwrap();
    let scan = strongroom_store::Scan {
        prefix: Bytes::from_static(key::VERSION),
        from: Bytes::new(),
        limit: 2,
    };
    let rows = place.engine.rows.index().scan(bucket.id(), scan).await.unwrap();
    assert!(rows.len() == 1 && rows[0].value.len() < 1000);

    let delete = DeleteObject {
        key: "a".to_owned(),
        ..DeleteObject::default()
    };
    let ((), cost) = place
        .cost(async { place.engine.delete_object(BUCKET, &delete).await.map(drop) })
        .await;
    assert_eq!(cost.index_commits.made, 1);
    place.engine.collect().await.unwrap();
    place.only(&[]).await;
}

#[tokio::test]
async fn of_ten_thousand_parts_those_not_chosen_are_cleared() {
    let place = Place::with_parts(MAX_PARTS).await;
    let every_tenth = Place::listed((1..=MAX_PARTS).step_by(10));
    let (_, cost) = Box::pin(place.cost(place.complete(every_tenth))).await;
    assert_eq!(cost.index_commits.made, 1);
    place
        .only(&[b"current/", b"version/", b"parts/", b"part/", b"spent/"])
        .await;
    place.engine.collect().await.unwrap();
    place.only(&[b"current/", b"version/", b"parts/"]).await;
}

#[tokio::test]
async fn ten_thousand_parts_are_given_up_in_one_commit_and_cleared_step_by_step() {
    let place = Place::with_parts(MAX_PARTS).await;
    let ((), cost) = place.cost(place.engine.abort_upload(&place.name)).await;
    assert_eq!(cost.index_commits.made, 1);
    assert!(cost.index_gets.made <= 3 && cost.rows_scanned == 0);
    place.engine.collect().await.unwrap();
    place.only(&[]).await;
}

#[tokio::test]
async fn ten_thousand_parts_are_listed_a_thousand_at_a_time() {
    let place = Place::with_parts(MAX_PARTS).await;
    let (mut after, mut count) = (0, 0);
    loop {
        let listing = place
            .engine
            .list_parts(&place.name, after, 1000, EncryptionHeaders::default());
        let (page, cost) = place.cost(listing).await;
        assert!(cost.rows_scanned <= 1001);
        count += page.parts.len();
        assert_eq!(page.parts[0].number, after + 1);
        after = page.parts.last().unwrap().number;
        if !page.truncated {
            break;
        }
    }
    assert_eq!((count, after), (10_000, MAX_PARTS));
    let beyond = place
        .engine
        .list_parts(&place.name, MAX_PARTS, 10, EncryptionHeaders::default())
        .await
        .unwrap();
    assert!(beyond.parts.is_empty() && !beyond.truncated);
}
