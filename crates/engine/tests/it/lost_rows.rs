//! More blobs without a row than crashes can leave: rows were lost, so nothing is moved or deleted without consent.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::ALICE;
use crate::support::vault::{Vault, body, content, request};
use bytes::Bytes;
use std::time::Duration;
use strongroom_engine::LostRows;
use strongroom_engine::operator::lost::LostAction;
use strongroom_engine::operator::verify::Verify;
use strongroom_store::faulty::{Call, Effect, Faults};
use strongroom_store::{BlobId, PartitionId};

const LARGE: usize = 100_000;

/// Number that a store allows once a blob was written.
const FEW: u64 = 16;

async fn write_blobs(vault: &Vault, partition: PartitionId, count: u64) {
    for number in 0..count {
        let random = u128::from(number).to_be_bytes();
        let writer = vault.store.blobs.create(BlobId { partition, random }).await;
        let mut writer = writer.unwrap();
        writer
            .write(Bytes::from_static(b"its row was lost"))
            .await
            .unwrap();
        writer.finish().await.unwrap();
    }
}

async fn lost(vault: &Vault) -> usize {
    vault.store.blobs.list_lost(None, usize::MAX).await.unwrap().len()
}

async fn verified(vault: &Vault) -> Vec<String> {
    let verified = vault.restarted().await.verify(&Verify::default(), |_| {}).await;
    verified
        .unwrap()
        .findings
        .into_iter()
        .map(|finding| finding.what)
        .collect()
}

#[tokio::test]
async fn more_orphans_than_crashes_can_leave_are_refused_until_they_are_accepted() {
    for vault in Vault::each().await {
        vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
        let kept = vault.blobs().await;
        assert_eq!(vault.store.integrity.allowed_orphans(), FEW);
        write_blobs(&vault, kept[0].partition, FEW + 1).await;
        let lost_rows = LostRows {
            found: FEW + 1,
            allowed: FEW,
        };
        for _ in 0..2 {
            let next = vault.restarted().await;
            next.spawn_collector();
            let refused = tokio::time::timeout(Duration::from_secs(10), next.lost_rows()).await;
            assert_eq!(refused.unwrap(), lost_rows);
            assert_eq!(lost(&vault).await, 0);
            assert_eq!(vault.blobs().await.len() as u64, FEW + 2);
            let found = verified(&vault).await;
            assert!(
                found.len() == 1 && found[0].contains("17 blobs have no row"),
                "{found:?}"
            );
        }
        let next = vault.restarted().await;
        next.accept_lost_rows();
        next.spawn_collector();
        for _ in 0..500 {
            if vault.store.integrity.allowed_orphans() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(
            vault.store.integrity.allowed_orphans(),
            0,
            "the number begins again"
        );
        assert_eq!((lost(&vault).await as u64, vault.blobs().await), (FEW + 1, kept));
        assert_eq!(verified(&vault).await, [""; 0]);
        // One more is already too many.
        write_blobs(&vault, PartitionId([9; 16]), 1).await;
        assert_eq!(verified(&vault).await.len(), 1);
    }
}

/// They are not moved, so they are found by each sweep.
#[tokio::test]
async fn blobs_of_unknown_buckets_are_expected_once_they_were_accepted() {
    let vault = Vault::memory().await;
    write_blobs(&vault, PartitionId([9; 16]), 40).await;
    assert_eq!(verified(&vault).await.len(), 1);
    assert_eq!(vault.restarted().await.collect_orphans().await.unwrap(), 0);
    assert_eq!(vault.store.integrity.allowed_orphans(), 40);
    assert_eq!(verified(&vault).await, [""; 0]);
    assert_eq!(vault.blobs().await.len(), 40);
}

#[tokio::test]
async fn a_blob_is_expected_before_it_is_finished_until_it_is_committed() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    gates.commits.close();
    assert_eq!(vault.store.integrity.allowed_orphans(), 0);
    let engine = vault.engine.clone();
    let upload = InFlight::start(async move {
        let put = request("a", LARGE, ALICE);
        engine.put_object(put, body(content(1, LARGE))).await
    });
    gates.commits.reached().await;
    vault.engine.collect_orphans().await.unwrap();
    assert_eq!(vault.store.integrity.allowed_orphans(), FEW);
    gates.commits.open();
    upload.end().await.unwrap();
    vault.engine.collect_orphans().await.unwrap();
    assert_eq!(vault.store.integrity.allowed_orphans(), 0);
}

#[tokio::test]
async fn a_failed_upload_is_expected_until_its_blob_is_deleted() {
    let vault = Vault::memory().await;
    let put = request("a", LARGE + 1, ALICE);
    vault
        .engine
        .put_object(put, body(content(1, LARGE)))
        .await
        .unwrap_err();
    vault.engine.collect().await.unwrap();
    vault.engine.collect_orphans().await.unwrap();
    assert_eq!(vault.store.integrity.allowed_orphans(), 0);
    assert_eq!(vault.blobs().await, []);
}

#[tokio::test]
async fn blobs_without_a_row_that_are_put_back_are_expected() {
    let vault = Vault::memory().await;
    vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
    let partition = vault.blobs().await[0].partition;
    write_blobs(&vault, partition, 20).await;
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 20);
    let next = vault.restarted().await;
    next.lost_blobs(LostAction::Restore, None, |_| {}).await.unwrap();
    assert_eq!(vault.blobs().await.len(), 21);
    assert_eq!(verified(&vault).await, [""; 0]);
}

#[tokio::test]
async fn fewer_are_expected_only_when_those_found_are_gone_for_good() {
    let vault = Vault::memory().await;
    vault.put("kept", content(1, LARGE), ALICE).await.unwrap();
    write_blobs(&vault, vault.blobs().await[0].partition, 1).await;
    let faults = Faults::none();
    let next = vault
        .restarted_through(|store| store.faulty(faults.clone()))
        .await;
    faults.next(Call::SyncDeletions, Effect::Fail);
    assert!(next.collect_orphans().await.is_err());
    assert_eq!(vault.store.integrity.allowed_orphans(), FEW);
    next.collect_orphans().await.unwrap();
    assert_eq!(vault.store.integrity.allowed_orphans(), 0);
    assert_eq!(lost(&vault).await, 1);
}
