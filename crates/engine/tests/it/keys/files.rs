//! Wrapped keys in key files: damage, interrupted changes, keys that nothing names, and what survives a lost index.

use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::{flipped, is_alarm};
use crate::support::vault::{BUCKET, Vault, content, get};
use bytes::Bytes;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use strongroom_engine::background::stray_keys::KeysLookedAt;
use strongroom_engine::operator::verify::Verify;
use strongroom_engine::{DAY, Engine, Error, Parts, SystemClock};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::{KeyDigest, KeyOwner, PartitionId, PartitionKeys, Prepared, StoreId};

const PLAIN: Protection = Protection::Unspecified;

/// Returns the keys of all partitions.
async fn all_keys(vault: &Vault) -> Vec<PartitionKeys> {
    let mut all = Vec::new();
    for first in 0..=u8::MAX {
        all.extend(vault.store.keys.of_partitions(first).await.unwrap());
    }
    all
}

/// Returns the owner of the key of the only bucket.
async fn owner(vault: &Vault) -> KeyOwner {
    let [keys] = &all_keys(vault).await[..] else {
        panic!("expected one bucket")
    };
    KeyOwner::Partition(keys.partition)
}

fn keyring(vault: &Vault) -> Keyring {
    Keyring::read(&vault.directory.path().join("keyring")).unwrap()
}

/// Returns the file in which a local store keeps the envelopes of an owner.
fn file(vault: &Vault, owner: KeyOwner) -> PathBuf {
    vault.store.keys.place(owner).into()
}

/// Starts an engine on the vault's store, which was used before.
async fn started(vault: &Vault) -> strongroom_engine::Result<Engine> {
    let parts = Parts {
        store: Prepared::open(vault.store.clone(), StoreId([1; 16]), false),
        keyring: Arc::new(keyring(vault)),
        kms: Arc::default(),
        audit: Arc::new(strongroom_audit::NoAudit),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom::default()),
        lifecycle_day: DAY,
        keep_lost: strongroom_engine::KEEP_LOST,
    };
    Engine::start(parts).await
}

#[tokio::test]
async fn a_damaged_key_file_is_refused_by_name_and_other_buckets_are_served() {
    let vault = Vault::local().await;
    vault.put("a", content(1, 10), PLAIN).await.unwrap();
    let damaged = owner(&vault).await;
    let file = file(&vault, damaged);
    // Another bucket in another file.
    let mut number = 0;
    let others = loop {
        let name = format!("other-{number}");
        vault.engine.create_bucket(&name).await.unwrap();
        let [first, ..] = damaged.partition().0;
        if all_keys(&vault)
            .await
            .iter()
            .any(|keys| keys.partition.0[0] != first)
        {
            break name;
        }
        number += 1;
    };
    let whole = fs::read(&file).unwrap();
    for damage in [&whole[..whole.len() - 1], b"", &[&whole[..], b"x"].concat()] {
        fs::write(&file, damage).unwrap();
        let engine = started(&vault).await.unwrap();
        let refused = engine.head_bucket(BUCKET).await;
        assert!(is_alarm(&refused), "{refused:?}");
        let text = refused.unwrap_err().to_string();
        assert!(
            text.contains(BUCKET) && text.contains(file.to_str().unwrap()),
            "{text}"
        );
        engine.head_bucket(&others).await.unwrap();
        assert!(engine.look_at_keys().await.unwrap().missing >= 1);
        let found = engine.verify(&Verify::default(), |_| {}).await.unwrap();
        assert_eq!(found.damaged, 1);
        // The running engine has opened the key already, and notices too.
        vault.get("a", PLAIN).await.unwrap();
        let found = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
        assert!(
            found.findings[0].what.contains(file.to_str().unwrap()),
            "{found:?}"
        );
        let master = keyring(&vault).current_id().unwrap();
        assert!(is_alarm(&engine.wrapped_by_master(&master).await));
        assert_eq!(fs::read(&file).unwrap(), damage);
    }
}

#[tokio::test]
async fn a_bucket_whose_key_is_missing_is_refused_and_no_master_key_is_deleted() {
    let vault = Vault::local().await;
    vault.put("a", "x", PLAIN).await.unwrap();
    let owner = owner(&vault).await;
    let file = file(&vault, owner);
    let genuine = vault.store.keys.envelopes(owner).await.unwrap().remove(0);
    fs::remove_file(&file).unwrap();
    let engine = started(&vault).await.unwrap();
    for replaced in [false, true] {
        if replaced {
            vault
                .store
                .keys
                .add(owner, Bytes::from_static(b"another"))
                .await
                .unwrap();
        }
        let refused = engine.head_bucket(BUCKET).await;
        assert!(is_alarm(&refused), "{refused:?}");
        let text = refused.unwrap_err().to_string();
        assert!(
            text.contains(BUCKET) && text.contains(file.to_str().unwrap()),
            "{text}"
        );
        assert_eq!(engine.look_at_keys().await.unwrap().missing, 1);
        let master = keyring(&vault).current_id().unwrap();
        assert!(is_alarm(&engine.wrapped_by_master(&master).await));
    }
    // An envelope that no row names is not deleted, and does no harm beside the right one.
    assert_eq!(all_keys(&vault).await[0].envelopes, ["another"]);
    vault.store.keys.add(owner, genuine.clone()).await.unwrap();
    assert_eq!(get(&engine, "a", PLAIN, None).await.unwrap(), b"x");
    assert_eq!(engine.look_at_keys().await.unwrap().finished, 1);
    assert_eq!(all_keys(&vault).await[0].envelopes, [genuine]);
}

#[tokio::test]
async fn a_store_without_its_key_is_damaged_and_gets_no_new_one() {
    let vault = Vault::local().await;
    let file = file(&vault, KeyOwner::Store);
    let whole = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let refused = started(&vault).await.map(drop);
    assert!(is_alarm(&refused), "{refused:?}");
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains(file.to_str().unwrap()) && text.contains("restore"),
        "{text}"
    );
    assert!(!file.exists());
    fs::write(&file, &whole).unwrap();
    let keys = &vault.store.keys;
    let genuine = keys.envelopes(KeyOwner::Store).await.unwrap().remove(0);
    // In a key file whose checksum is right: only the keyring notices.
    for at in 0..genuine.len() {
        let changed = flipped(&genuine, at);
        keys.remove(KeyOwner::Store).await.unwrap();
        keys.add(KeyOwner::Store, changed.clone()).await.unwrap();
        let refused = started(&vault).await.map(drop).unwrap_err();
        assert!(!matches!(refused, Error::Store(_)), "byte {at}: {refused}");
        assert_eq!(keys.envelopes(KeyOwner::Store).await.unwrap(), [changed]);
    }
    fs::write(&file, whole).unwrap();
    started(&vault).await.unwrap();
}

/// Ground review 3: with the keys in rows, one damaged byte after a key rotation took the whole store.
#[tokio::test]
async fn after_a_rotation_losing_the_index_loses_no_key() {
    let vault = Vault::local().await;
    vault.engine.create_bucket("another").await.unwrap();
    vault.put("a", "x", PLAIN).await.unwrap();
    let keyring = keyring(&vault);
    let old = keyring.current_id().unwrap();
    let random = SystemRandom::default();
    let new = keyring.roll(time::OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    let engine = vault.restarted().await;
    assert_eq!(engine.roll_master(|_| {}).await.unwrap().rewrapped, 3);
    assert_eq!(engine.wrapped_by_master(&old).await.unwrap(), 0);
    keyring.retire(&old, &random).unwrap();
    keyring.delete_master(&old, &random).unwrap();
    // Every row is lost, and every key file is left.
    let keys = all_keys(&vault).await;
    vault
        .store
        .index
        .remove_partition(PartitionId::ROOT)
        .await
        .unwrap();
    let engine = started(&vault).await.unwrap();
    let looked = engine.look_at_keys().await.unwrap();
    assert_eq!(
        looked,
        KeysLookedAt {
            strays: 2,
            ..KeysLookedAt::default()
        }
    );
    assert_eq!(all_keys(&vault).await, keys, "no key is deleted");
    assert_eq!(engine.wrapped_by_master(&new).await.unwrap(), 3);
    assert_eq!(engine.stray_keys_of_master(&new).await.unwrap(), 2);
    assert_eq!(vault.engine.stray_keys_of_master(&old).await.unwrap(), 0);
    for keys in keys {
        let [envelope] = &keys.envelopes[..] else { panic!() };
        let envelope = strongroom_seal::Envelope::from_bytes(envelope).unwrap();
        let place = strongroom_seal::Place::bucket(keys.partition.0);
        keyring
            .open::<strongroom_seal::OuterKey>(&envelope, place)
            .unwrap();
    }
}

#[tokio::test]
async fn shredding_removes_the_key_at_once() {
    let vault = Vault::local().await;
    vault.put("a", "x", PLAIN).await.unwrap();
    let owner = owner(&vault).await;
    let envelope = vault.store.keys.envelopes(owner).await.unwrap().remove(0);
    vault.engine.shred_bucket(BUCKET, false).await.unwrap();
    assert!(all_keys(&vault).await.is_empty());
    let folder = file(&vault, owner).parent().unwrap().to_owned();
    let mut files = vec![vault.directory.path().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(envelope.len()).any(|part| part == envelope);
            assert!(!found, "the key is in {}", path.display());
        }
    }
    assert!(folder.join("store").exists());
}

#[tokio::test]
async fn an_interrupted_rewrap_is_finished_with_the_envelope_that_the_row_names() {
    let vault = Vault::memory().await;
    vault.put("a", "x", PLAIN).await.unwrap();
    let owner = owner(&vault).await;
    let named = vault.store.keys.envelopes(owner).await.unwrap().remove(0);
    vault
        .store
        .keys
        .add(owner, Bytes::from_static(b"added, not named"))
        .await
        .unwrap();
    let engine = vault.restarted().await;
    assert_eq!(get(&engine, "a", PLAIN, None).await.unwrap(), b"x");
    let looked = engine.look_at_keys().await.unwrap();
    assert_eq!(
        looked,
        KeysLookedAt {
            finished: 1,
            ..KeysLookedAt::default()
        }
    );
    assert_eq!(vault.store.keys.envelopes(owner).await.unwrap(), [named]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_roll_during_a_shred_does_not_bring_the_key_back() {
    for _ in 0..20 {
        let vault = Vault::memory().await;
        let random = SystemRandom::default();
        keyring(&vault)
            .roll(time::OffsetDateTime::UNIX_EPOCH, &random)
            .unwrap();
        let engine = vault.restarted().await;
        let roller = engine.clone();
        let roll = tokio::spawn(async move { roller.roll_master(|_| {}).await });
        tokio::task::yield_now().await;
        engine.shred_bucket(BUCKET, false).await.unwrap();
        roll.await.unwrap().unwrap();
        assert!(all_keys(&vault).await.is_empty());
    }
}

/// A lookup that read the row before a rewrap, and the key file after it, must not see damage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewrap_during_a_lookup_is_not_damage() {
    let vault = Vault::memory().await;
    for round in 0..20 {
        let random = SystemRandom::default();
        keyring(&vault)
            .roll(time::OffsetDateTime::UNIX_EPOCH, &random)
            .unwrap();
        let engine = vault.restarted().await;
        let roller = engine.clone();
        let roll = tokio::spawn(async move { roller.roll_master(|_| {}).await });
        for _ in 0..50 {
            let found = engine.verify(&Verify::default(), |_| {}).await.unwrap();
            assert_eq!(found.damaged, 0, "round {round}: {found:?}");
            let report = engine.report_keys(|_| {}).await.unwrap();
            assert!(report.damaged_buckets.is_empty(), "round {round}");
        }
        roll.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn requests_on_a_bucket_in_use_read_no_key_file() {
    let (vault, meter) = Vault::metered().await;
    vault.put("a", "x", PLAIN).await.unwrap();
    let before = meter.snapshot();
    for protection in [PLAIN, ALICE] {
        vault.put("a", content(1, 100_000), protection).await.unwrap();
        vault.get("a", protection).await.unwrap();
        vault.head("a", protection).await.unwrap();
    }
    vault.delete("a").await.unwrap();
    let after = meter.snapshot();
    assert_eq!(
        (after.key_reads, after.key_changes),
        (before.key_reads, before.key_changes)
    );
}

#[tokio::test]
async fn the_row_of_a_bucket_names_the_envelope_and_does_not_contain_it() {
    let vault = Vault::memory().await;
    let owner = owner(&vault).await;
    let envelope = vault.store.keys.envelopes(owner).await.unwrap().remove(0);
    vault
        .store
        .keys
        .keep_only(owner, KeyDigest::of(&envelope))
        .await
        .unwrap();
    let store = vault.store.keys.envelopes(KeyOwner::Store).await.unwrap();
    assert_eq!(store.len(), 1);
    for (_, row) in vault.partitions.rows(&vault.store).await {
        assert_ne!(row.key, "store-key");
        for envelope in [&envelope, &store[0]] {
            assert!(
                !row.value
                    .windows(48)
                    .any(|part| part == &envelope[envelope.len() - 48..])
            );
        }
    }
}
