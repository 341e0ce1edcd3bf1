//! Collection of blobs that no row refers to; blobs in use are never collected.

use crate::support::clock::DAY;
use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::write;
use crate::support::vault::{BUCKET, Vault, body, content, request};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::time::Duration;
use strongroom_engine::operator::lost::LostAction;
use strongroom_store::faulty::{Call, Effect, Faults};
use strongroom_store::{BlobId, LostBlob, PartitionId};
use tokio::sync::oneshot;

const LARGE: usize = 100_000;

async fn write_blob(vault: &Vault, partition: PartitionId, random: [u8; 16]) -> BlobId {
    let id = BlobId { partition, random };
    let mut writer = vault.store.blobs.create(id).await.unwrap();
    writer
        .write(Bytes::from_static(b"left by a crash"))
        .await
        .unwrap();
    writer.finish().await.unwrap();
    id
}

async fn until_empty(vault: &Vault) {
    for _ in 0..500 {
        if vault.blobs().await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} blobs are left", vault.blobs().await.len());
}

#[tokio::test]
async fn only_blobs_without_a_row_are_collected() {
    for vault in Vault::each().await {
        vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
        vault.put("replaced", content(2, LARGE), ALICE).await.unwrap();
        vault.put("replaced", content(3, LARGE), ALICE).await.unwrap();
        let before = vault.blobs().await;
        assert_eq!(before.len(), 3, "the garbage still exists");
        let partition = before[0].partition;
        for number in 0..3 {
            write_blob(&vault, partition, [number; 16]).await;
        }
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 3);
        assert_eq!(vault.blobs().await, before, "garbage is not an orphan");
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
        assert!(vault.get("kept", ALICE).await.unwrap() == content(1, LARGE));
    }
}

/// Without rows, blobs are all that is left of objects.
#[tokio::test]
async fn orphans_are_set_aside_and_come_back() {
    for vault in Vault::each().await {
        vault.clock.stop();
        vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
        let partition = vault.blobs().await[0].partition;
        let orphans = [
            write_blob(&vault, partition, [1; 16]).await,
            write_blob(&vault, partition, [2; 16]).await,
        ];
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 2);
        let mut seen = Vec::new();
        let list = |blob: &LostBlob| seen.push(blob.id);
        vault
            .engine
            .lost_blobs(LostAction::List, None, list)
            .await
            .unwrap();
        assert_eq!(seen, orphans);
        vault
            .engine
            .lost_blobs(LostAction::Restore, Some(orphans[0]), |_| ())
            .await
            .unwrap();
        let reader = vault.store.blobs.open(orphans[0]).await.unwrap();
        assert_eq!(reader.read(0..reader.length()).await.unwrap(), "left by a crash");

        // Each is kept for its own time.
        vault.clock.advance(29 * DAY);
        vault.engine.delete_old_lost_blobs().await.unwrap();
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 1);
        vault.clock.advance(DAY);
        vault.engine.delete_old_lost_blobs().await.unwrap();
        let set_aside = vault.store.blobs.list_lost(None, 10).await.unwrap();
        assert_eq!(
            set_aside.iter().map(|blob| blob.id).collect::<Vec<_>>(),
            orphans[..1]
        );
        let delete = vault.engine.lost_blobs(LostAction::Delete, None, |_| ());
        delete.await.unwrap();
        assert_eq!(vault.store.blobs.list_lost(None, 10).await.unwrap(), []);
        assert!(vault.get("kept", ALICE).await.unwrap() == content(1, LARGE));
    }
}

/// An empty bucket with blobs may have lost its rows.
#[tokio::test]
async fn blobs_without_rows_outlive_their_bucket() {
    for vault in Vault::each().await {
        vault.put("held", content(1, LARGE), ALICE).await.unwrap();
        let held = vault.blobs().await[0];
        let orphan = write_blob(&vault, held.partition, [1; 16]).await;
        vault.engine.shred_bucket(BUCKET, false).await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        let lost = vault.store.blobs.list_lost(None, 10).await.unwrap();
        assert_eq!(lost.iter().map(|blob| blob.id).collect::<Vec<_>>(), [orphan]);
    }
}

#[tokio::test]
async fn a_refused_upload_pulls_no_body_and_leaves_nothing() {
    let faults = Faults::none();
    let vault = Vault::through(|store| store.faulty(faults.clone())).await;
    faults.next(Call::Admit, Effect::Fail);
    let untouched = stream::poll_fn(|_| panic!("the body was pulled")).boxed();
    assert!(
        vault
            .engine
            .put_object(request("a", LARGE, ALICE), untouched)
            .await
            .is_err()
    );
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
}

/// Blobs of a store whose index was lost must not be deleted.
#[tokio::test]
async fn blobs_of_buckets_unknown_to_the_index_are_kept() {
    for vault in Vault::each().await {
        let stray = write_blob(&vault, PartitionId([9; 16]), [1; 16]).await;
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
        assert_eq!(vault.blobs().await, [stray]);
    }
}

#[tokio::test]
async fn many_orphans_are_all_found() {
    let vault = Vault::memory().await;
    vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
    let kept = vault.blobs().await;
    for number in 0..600_u16 {
        let mut random = [0; 16];
        random[..2].copy_from_slice(&number.to_be_bytes());
        write_blob(&vault, kept[0].partition, random).await;
    }
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 600);
    assert_eq!(vault.blobs().await, kept);
}

#[tokio::test]
async fn a_blob_of_a_put_in_progress_is_no_orphan() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    gates.blobs.close();
    gates.commits.close();
    let engine = vault.engine.clone();
    let upload = InFlight::start(async move {
        let put = request("a", LARGE, ALICE);
        engine.put_object(put, body(content(1, LARGE))).await
    });
    gates.blobs.reached().await;
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
    gates.blobs.open();
    gates.commits.reached().await;
    assert_eq!(vault.blobs().await.len(), 1);
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
    gates.commits.open();
    upload.end().await.unwrap();
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
    assert!(vault.get("a", ALICE).await.unwrap() == content(1, LARGE));
}

#[tokio::test]
async fn a_put_continues_while_garbage_is_collected() {
    for vault in Vault::each().await {
        let (go, gone) = oneshot::channel::<()>();
        let bytes = Bytes::from(content(1, LARGE));
        let (first, second) = (bytes.slice(..LARGE / 2), bytes.slice(LARGE / 2..));
        let second = stream::once(async move {
            gone.await.unwrap();
            Ok(second)
        });
        let body = stream::iter([Ok(first)]).chain(second).boxed();
        let engine = vault.engine.clone();
        let upload =
            InFlight::start(async move { engine.put_object(request("a", LARGE, ALICE), body).await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
        go.send(()).unwrap();
        upload.end().await.unwrap();
        assert!(vault.get("a", ALICE).await.unwrap() == bytes);
    }
}

#[tokio::test]
async fn a_restarted_engine_collects_garbage_of_the_last_run() {
    for vault in Vault::each().await {
        vault.put("deleted", content(1, LARGE), ALICE).await.unwrap();
        let partition = vault.blobs().await[0].partition;
        vault.delete("deleted").await.unwrap();
        write_blob(&vault, partition, [7; 16]).await;
        vault.engine.delete_bucket(BUCKET).await.unwrap();
        assert_eq!(vault.blobs().await.len(), 2);

        vault.restarted().await.spawn_collector();
        tokio::task::yield_now().await;
        let second = vault.restarted().await;
        second.spawn_collector();
        until_empty(&vault).await;
        for _ in 0..500 {
            if vault.partitions.all().len() == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(
            vault.partitions.all().len(),
            1,
            "the deleted bucket's partition no longer exists"
        );
    }
}

#[tokio::test]
async fn a_damaged_bucket_does_not_stop_a_restarted_engine_from_collecting_others() {
    let vault = Vault::memory().await;
    vault.engine.create_bucket("damaged").await.unwrap();
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    let partition = vault.blobs().await[0].partition;
    vault.delete("a").await.unwrap();
    write_blob(&vault, partition, [7; 16]).await;
    let row = Bytes::from_static(b"bucket/damaged");
    write(&vault, PartitionId::ROOT, row, Bytes::from_static(b"junk")).await;
    let second = vault.restarted().await;
    second.spawn_collector();
    until_empty(&vault).await;
}

#[tokio::test]
async fn damaged_garbage_does_not_stop_collection_in_its_bucket() {
    let vault = Vault::memory().await;
    for number in 0..4 {
        vault.put("a", content(number, LARGE), ALICE).await.unwrap();
    }
    let mut rows = vault.rows().await;
    rows.retain(|(_, row)| row.key.starts_with(b"garbage/"));
    let (partition, row) = rows.swap_remove(1);
    write(&vault, partition, row.key.clone(), Bytes::from_static(b"junk")).await;
    vault.engine.collect().await.unwrap_err();
    assert_eq!(
        vault.blobs().await.len(),
        2,
        "the version and the damaged garbage"
    );
}

#[tokio::test]
async fn the_collector_wakes_when_there_is_garbage() {
    let vault = Vault::memory().await;
    vault.engine.spawn_collector();
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    vault.put("a", "small", ALICE).await.unwrap();
    until_empty(&vault).await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    vault.delete("a").await.unwrap();
    until_empty(&vault).await;
}

#[tokio::test]
async fn the_collector_does_not_keep_its_engine_alive() {
    let vault = Vault::memory().await;
    let second = vault.restarted().await;
    second.spawn_collector();
    let engine = second.downgrade();
    drop(second);
    for _ in 0..500 {
        if engine.upgrade().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the engine still exists");
}

#[tokio::test]
async fn garbage_of_more_than_one_batch_is_collected() {
    let vault = Vault::memory().await;
    for number in 0..300 {
        let bytes = content(number, LARGE);
        vault.put("a", bytes, Protection::Unspecified).await.unwrap();
    }
    assert_eq!(vault.blobs().await.len(), 300);
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 1);
    for number in 0..300 {
        let name = format!("bucket-{number}");
        vault.engine.create_bucket(&name).await.unwrap();
        vault.engine.delete_bucket(&name).await.unwrap();
    }
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.partitions.all().len(), 2, "the root and the one bucket");
}

#[tokio::test]
async fn damaged_garbage_in_one_bucket_does_not_stop_collection_in_others() {
    let vault = Vault::memory().await;
    // The order of partitions is unknown, so several are needed.
    for number in 0..8 {
        let name = format!("bucket-{number}");
        vault.engine.create_bucket(&name).await.unwrap();
        for _ in 0..2 {
            let mut put = request("a", LARGE, ALICE);
            put.object.bucket.clone_from(&name);
            vault
                .engine
                .put_object(put, body(content(1, LARGE)))
                .await
                .unwrap();
        }
    }
    let rows = vault.rows().await;
    let (partition, row) = rows
        .iter()
        .find(|(_, row)| row.key.starts_with(b"garbage/"))
        .unwrap();
    write(&vault, *partition, row.key.clone(), Bytes::from_static(b"junk")).await;
    vault.engine.collect().await.unwrap_err();
    assert_eq!(
        vault.blobs().await.len(),
        9,
        "one version in each bucket and the damaged garbage"
    );
}
