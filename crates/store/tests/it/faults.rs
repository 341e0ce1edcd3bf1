//! Injected faults surface as errors or as changed bytes; a store never applies half of a call.

use bytes::Bytes;
use std::time::{Duration, Instant};
use strongroom_store::faulty::{Call, Effect, Fault, Faults};
use strongroom_store::{BlobId, Check, Commit, Counter, PartitionId, Scan, Store, StoreError, Write};

const PARTITION: PartitionId = PartitionId([5; 16]);
const ID: BlobId = BlobId {
    partition: PARTITION,
    random: [6; 16],
};

async fn faulty() -> (Store, Faults) {
    let faults = Faults::none();
    let store = Store::memory().faulty(faults.clone());
    store.index.create_partition(PARTITION).await.unwrap();
    (store, faults)
}

fn put(key: &'static str, value: &'static str) -> Commit {
    Commit {
        generation: 1,
        writes: vec![Write::Put(key.into(), value.into())],
        ..Commit::default()
    }
}

async fn blob(store: &Store, id: BlobId, pieces: usize) -> Result<(), StoreError> {
    let mut writer = store.blobs.create(id).await?;
    for _ in 0..pieces {
        writer.write(Bytes::from(vec![9; 1000])).await?;
    }
    writer.finish().await.map(drop)
}

#[tokio::test]
async fn only_the_nth_call_fails() {
    let (store, faults) = faulty().await;
    faults.add(Fault {
        call: Call::Get,
        nth: 3,
        effect: Effect::Fail,
    });
    faults.add(Fault {
        call: Call::Scan,
        nth: 1,
        effect: Effect::Fail,
    });
    let mut failed = Vec::new();
    for n in 1..=5 {
        if store.index.get(PARTITION, b"key").await.is_err() {
            failed.push(n);
        }
    }
    assert_eq!(failed, [3]);
    assert_eq!(faults.struck(), 1);
}

#[tokio::test]
async fn a_commit_fails_before_or_after_it_is_applied() {
    let (store, faults) = faulty().await;
    faults.next(Call::Commit, Effect::Fail);
    assert!(store.index.commit(PARTITION, put("before", "")).await.is_err());
    assert_eq!(store.index.get(PARTITION, b"before").await.unwrap(), None);
    faults.next(Call::Commit, Effect::FailAfter);
    assert!(store.index.commit(PARTITION, put("after", "")).await.is_err());
    assert_eq!(
        store.index.get(PARTITION, b"after").await.unwrap(),
        Some(Bytes::new())
    );
}

#[tokio::test]
async fn a_blob_whose_write_fails_is_never_visible() {
    for (call, nth) in [
        (Call::CreateBlob, 1),
        (Call::WriteBlob, 1),
        (Call::WriteBlob, 3),
        (Call::FinishBlob, 1),
    ] {
        let (store, faults) = faulty().await;
        faults.add(Fault {
            call,
            nth,
            effect: Effect::Fail,
        });
        assert!(blob(&store, ID, 5).await.is_err(), "{call:?}");
        assert!(
            matches!(store.blobs.open(ID).await, Err(StoreError::NotFound(_))),
            "{call:?}"
        );
        assert!(blob(&store, ID, 5).await.is_ok(), "the second attempt succeeds");
    }
    let (store, faults) = faulty().await;
    faults.next(Call::FinishBlob, Effect::FailAfter);
    assert!(blob(&store, ID, 5).await.is_err());
    assert_eq!(store.blobs.scrub(ID).await.unwrap().length, 5000);
}

#[tokio::test]
async fn reads_can_return_changed_bytes() {
    let (store, faults) = faulty().await;
    blob(&store, ID, 5).await.unwrap();
    let reader = store.blobs.open(ID).await.unwrap();
    let good = reader.read(0..5000).await.unwrap();
    faults.next(Call::ReadBlob, Effect::FlipBit);
    let bent = reader.read(0..5000).await.unwrap();
    let bits: u32 = good.iter().zip(&bent).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert_eq!((bent.len(), bits), (5000, 1));
    faults.next(Call::ReadBlob, Effect::Truncate);
    assert_eq!(reader.read(0..5000).await.unwrap().len(), 2500);
    faults.next(Call::ScrubBlob, Effect::FlipBit);
    assert!(matches!(
        store.blobs.scrub(ID).await,
        Err(StoreError::Damaged { .. })
    ));
    assert_eq!(reader.read(0..5000).await.unwrap(), good);

    store
        .index
        .commit(PARTITION, put("key", "value"))
        .await
        .unwrap()
        .unwrap();
    faults.next(Call::Get, Effect::FlipBit);
    assert_ne!(
        store.index.get(PARTITION, b"key").await.unwrap(),
        Some("value".into())
    );
    faults.next(Call::Scan, Effect::FlipBit);
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: 10,
    };
    assert_ne!(store.index.scan(PARTITION, all).await.unwrap()[0].value, "value");
}

#[tokio::test]
async fn effects_that_a_call_cannot_have_make_it_fail() {
    let (store, faults) = faulty().await;
    for effect in [Effect::FlipBit, Effect::Truncate] {
        faults.next(Call::Commit, effect);
        assert!(store.index.commit(PARTITION, put("key", "")).await.is_err());
    }
    assert_eq!(store.index.get(PARTITION, b"key").await.unwrap(), None);
}

#[tokio::test]
async fn calls_can_be_delayed() {
    let (store, faults) = faulty().await;
    let time = Duration::from_millis(30);
    faults.next(Call::Get, Effect::Delay(time));
    let start = Instant::now();
    store.index.get(PARTITION, b"key").await.unwrap();
    assert!(start.elapsed() >= time);
}

/// Runs a fixed sequence of calls and returns the numbers of those that failed.
async fn failures(seed: u64) -> Vec<usize> {
    let faults = Faults::seeded(seed, 0.3, [Effect::Fail, Effect::FailAfter]);
    let store = Store::memory().faulty(faults);
    let mut failed = Vec::new();
    for n in 0..200 {
        let result = match n % 3 {
            0 => store.index.create_partition(PARTITION).await,
            1 => store.index.commit(PARTITION, put("key", "value")).await.map(drop),
            _ => store.blobs.delete(ID).await,
        };
        if result.is_err() {
            failed.push(n);
        }
    }
    failed
}

#[tokio::test]
async fn a_seed_gives_the_same_faults_again() {
    let first = failures(42).await;
    assert!((30..90).contains(&first.len()), "{first:?}");
    assert_eq!(first, failures(42).await);
    assert_ne!(first, failures(43).await);
}

/// Under random faults, acknowledged commits are visible, commits that were refused or failed before they were applied are
/// not, and a counter kept with the rows always matches them.
#[tokio::test]
async fn acknowledged_commits_persist_under_random_faults() {
    const COUNT: Counter = Counter("rows");
    for seed in 0..20 {
        let faults = Faults::seeded(seed, 0.25, [Effect::Fail, Effect::FailAfter]);
        let sound = Store::memory();
        sound.index.create_partition(PARTITION).await.unwrap();
        let store = sound.clone().faulty(faults);
        let mut acknowledged = Vec::new();
        for n in 0..100_u32 {
            let key = Bytes::from(format!("{:02}", n % 40));
            let commit = Commit {
                generation: 1,
                checks: vec![Check::Absent(key.clone())],
                writes: vec![Write::Put(key.clone(), Bytes::new())],
                counters: vec![(COUNT, 1)],
                advance: false,
            };
            if let Ok(Ok(())) = store.index.commit(PARTITION, commit).await {
                acknowledged.push(key);
            }
        }
        let all = Scan {
            prefix: Bytes::new(),
            from: Bytes::new(),
            limit: 1000,
        };
        let rows = sound.index.scan(PARTITION, all).await.unwrap();
        assert!(
            acknowledged
                .iter()
                .all(|key| rows.iter().any(|row| row.key == key))
        );
        assert_eq!(
            sound.index.counter(PARTITION, COUNT).await.unwrap(),
            i64::try_from(rows.len()).unwrap()
        );
    }
}
