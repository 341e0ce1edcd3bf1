//! Random operations on a store that fails at random: each key has a content that was written to it.

use crate::support::protection::ALICE;
use crate::support::vault::{Vault, content, delete, get};
use std::collections::BTreeMap;
use strongroom_engine::Error;
use strongroom_store::faulty::{Call, Effect, Fault, Faults};

/// Possible contents of a key: more than one while the result of a write is unknown.
type Possible = Vec<Option<Vec<u8>>>;

const CALLS: [Call; 12] = [
    Call::Commit,
    Call::Commit,
    Call::Commit,
    Call::CreateBlob,
    Call::WriteBlob,
    Call::FinishBlob,
    Call::ReadBlob,
    Call::DeleteBlob,
    Call::SyncDeletions,
    Call::ListBlobs,
    Call::Get,
    Call::Scan,
];

async fn chaos(seed: u64) {
    let vault = Vault::memory().await;
    let storm = Faults::none();
    let mut weather = content(seed, 1000).into_iter();
    let engine = vault.restarted_through(|store| store.faulty(storm.clone())).await;
    let mut possible: BTreeMap<String, Possible> = BTreeMap::new();
    for step in 0..120_u64 {
        if let [Some(0..100), Some(call), Some(nth)] = [(); 3].map(|()| weather.next()) {
            storm.add(Fault {
                call: CALLS[usize::from(call) % CALLS.len()],
                nth: 1 + u64::from(nth % 3),
                effect: [Effect::Fail, Effect::FailAfter][usize::from(nth / 3 % 2)],
            });
        }
        let key = format!("key {}", (seed + step * 7) % 4);
        let held = possible.entry(key.clone()).or_insert_with(|| vec![None]);
        if step % 5 == 4 {
            match delete(&engine, &key).await {
                Ok(_) => *held = vec![None],
                Err(Error::Store(_)) => held.push(None),
                Err(error) => panic!("{error:?}"),
            }
        } else if step % 5 == 3 {
            match get(&engine, &key, ALICE, None).await {
                Ok(bytes) => *held = vec![Some(bytes)],
                Err(Error::NoSuchKey(_)) => *held = vec![None],
                Err(Error::Store(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        } else {
            let size = [10, 70_000, 300_000][usize::try_from(step % 3).unwrap()];
            let bytes = content(seed * 1000 + step, size);
            let put = crate::support::vault::request(&key, size, ALICE);
            match engine
                .put_object(put, crate::support::vault::body(bytes.clone()))
                .await
            {
                Ok(_) => *held = vec![Some(bytes)],
                Err(Error::Store(_)) => held.push(Some(bytes)),
                Err(error) => panic!("{error:?}"),
            }
        }
        if step % 11 == 0 {
            let _ = engine.collect().await;
            let _ = engine.collect_orphans().await;
        }
    }
    assert!(storm.struck() > 10, "there were at least 10 faults");
    storm.clear();
    let mut large = 0;
    for (key, possible) in &possible {
        let found = match get(&engine, key, ALICE, None).await {
            Ok(bytes) => Some(bytes),
            Err(Error::NoSuchKey(_)) => None,
            Err(error) => panic!("seed {seed}, {key}: {error:?}"),
        };
        large += usize::from(found.as_ref().is_some_and(|bytes| bytes.len() > 65_536));
        assert!(possible.contains(&found), "seed {seed}, {key}");
    }
    engine.collect().await.unwrap();
    let second = vault.restarted().await;
    second.collect_orphans().await.unwrap();
    assert_eq!(
        vault.blobs().await.len(),
        large,
        "seed {seed}: a blob for each large object"
    );
}

#[tokio::test]
async fn no_acknowledged_object_is_lost_under_random_faults() {
    for seed in 0..25 {
        chaos(seed).await;
    }
}
