//! Cancelled requests: the client disconnects and the request's future is dropped at any await point.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, content, get, request};
use crate::support::waiting::wait_until;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::time::Duration;
use strongroom_engine::{Engine, Result};

const LARGE: usize = 3_000_000;

async fn put(engine: Engine, key: &'static str, bytes: Vec<u8>) -> Result<()> {
    let put = request(key, bytes.len(), ALICE);
    engine.put_object(put, body(bytes)).await.map(|_| ())
}

#[tokio::test]
async fn a_put_cancelled_in_its_body_leaves_nothing() {
    for vault in Vault::each().await {
        vault.put("a", content(1, LARGE), ALICE).await.unwrap();
        let (rows, blobs) = (vault.rows().await, vault.blobs().await);
        for sent in [0, 1, 65_536, 1_000_000, LARGE - 1, LARGE] {
            let (reached, mut all_sent) = tokio::sync::mpsc::channel::<()>(1);
            let hang = stream::once(async move {
                reached.send(()).await.unwrap();
                std::future::pending().await
            });
            let put = request("a", LARGE, ALICE);
            let body = body(content(2, sent)).chain(hang).boxed();
            let engine = vault.engine.clone();
            let put = InFlight::start(async move { engine.put_object(put, body).await });
            all_sent.recv().await.unwrap();
            put.give_up().await;
        }
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, blobs);
        assert_eq!(vault.rows().await, rows);
        assert!(vault.get("a", ALICE).await.unwrap() == content(1, LARGE));
        let drafts = vault.directory.path().join("data/tmp");
        if drafts.exists() {
            wait_until("a draft is left", async || {
                std::fs::read_dir(&drafts).unwrap().count() == 0
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_commit_that_succeeds_after_its_caller_was_cancelled_keeps_its_blob() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    vault.engine.collect().await.unwrap();

    gates.commits.close();
    let new = InFlight::start(put(vault.engine.clone(), "a", content(2, LARGE)));
    gates.commits.reached().await;
    new.give_up().await;

    let engine = vault.engine.clone();
    let collecting = InFlight::start(async move {
        engine.collect().await?;
        engine.collect_orphans().await
    });
    assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
    gates.commits.open();
    collecting.end().await.unwrap();

    let got = vault.get("a", ALICE).await.unwrap();
    assert!(
        got == content(2, LARGE),
        "the commit took effect, so the new version must be whole"
    );
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 1, "the previous version was collected");
    let second = vault.restarted().await;
    assert_eq!(second.collect_orphans().await.unwrap(), 0);
    assert!(get(&second, "a", ALICE, None).await.unwrap() == content(2, LARGE));
}

#[tokio::test]
async fn a_commit_that_is_refused_after_its_caller_was_cancelled_leaves_no_blob() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    gates.commits.close();
    // The first commit creates the key; the second one expects that there is none and is refused.
    let first = InFlight::start(put(vault.engine.clone(), "a", b"faster".to_vec()));
    gates.commits.reached().await;
    let second = InFlight::start(put(vault.engine.clone(), "a", content(2, LARGE)));
    wait_until("no blob comes", async || !vault.blobs().await.is_empty()).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    second.give_up().await;
    gates.commits.open();
    first.end().await.unwrap();
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"faster");
}

#[tokio::test]
async fn a_blob_finished_after_its_caller_was_cancelled_is_collected() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    gates.blobs.close();
    let upload = InFlight::start(put(vault.engine.clone(), "a", content(2, LARGE)));
    gates.blobs.reached().await;
    upload.give_up().await;
    let engine = vault.engine.clone();
    let collecting = InFlight::start(async move { engine.collect().await });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    gates.blobs.open();
    collecting.end().await.unwrap();
    wait_until("the blob is left", async || {
        vault.engine.collect().await.unwrap();
        vault.blobs().await.is_empty()
    })
    .await;
    assert_eq!(vault.rows().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn puts_cancelled_at_any_moment_leave_whole_objects_and_no_extra_blob() {
    for vault in Vault::each().await {
        const SIZE: usize = 150_000;
        vault.put("a", content(0, SIZE), ALICE).await.unwrap();
        let mut took_effect = 0;
        for round in 1..60_u64 {
            let upload = InFlight::start(put(vault.engine.clone(), "a", content(round, SIZE)));
            tokio::time::sleep(Duration::from_micros(round * 173 % 4000)).await;
            upload.abort();
            drop(upload);
            vault.engine.collect().await.unwrap();
            let got = vault.get("a", ALICE).await.unwrap();
            let whose = (0..=round).find(|seed| got == content(*seed, SIZE));
            took_effect += u64::from(whose.expect("one of the versions, whole") == round);
        }
        println!("{took_effect} of 59 took effect");
        wait_until("blobs are left", async || {
            vault.engine.collect().await.unwrap();
            vault.blobs().await.len() == 1
        })
        .await;
        let mut kinds = vault.kinds_of_rows().await;
        kinds.retain(|kind| kind != "garbage");
        assert_eq!(kinds, ["blob", "current", "version"]);
    }
}

#[tokio::test]
async fn a_bucket_deletion_cancelled_at_its_commit_leaves_the_bucket_deleted_or_whole() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    gates.commits.close();
    let engine = vault.engine.clone();
    let deletion = InFlight::start(async move { engine.delete_bucket(BUCKET).await });
    gates.commits.reached().await;
    deletion.give_up().await;
    gates.commits.open();
    // The bucket's key is deleted even if no request names the bucket again.
    wait_until("the bucket is half there", async || {
        !vault.has_row_of_bucket().await
    })
    .await;
    vault.engine.create_bucket(BUCKET).await.unwrap();
    vault.put("a", "x", Protection::Unspecified).await.unwrap();
    assert_eq!(vault.get("a", Protection::Unspecified).await.unwrap(), b"x");
}

#[tokio::test]
async fn a_cancelled_reader_releases_its_blob() {
    let vault = Vault::local().await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    for _ in 0..50 {
        let mut object = crate::support::vault::open(&vault.engine, "a", ALICE, None)
            .await
            .unwrap();
        let first: Bytes = object.content.next().await.unwrap().unwrap();
        assert!(!first.is_empty());
    }
    let blobs = vault.directory.path().join("data/blobs");
    wait_until("files stay open", async || {
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let targets = open.filter_map(|fd| std::fs::read_link(fd.path()).ok());
        targets.filter(|target| target.starts_with(&blobs)).count() == 0
    })
    .await;
}
