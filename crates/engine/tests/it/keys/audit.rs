//! Audit events: every use of a key is recorded with its actor, and no key is used while the log is unavailable.

use crate::support::gated_store::Gates;
use crate::support::kms_double::DEFAULT_KEY;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::vault::{Vault, body, reading, request};
use std::net::{IpAddr, Ipv4Addr};
use strongroom_engine::Error;
use strongroom_engine::audit::Actor;
use strongroom_engine::encryption::EncryptionHeaders;

fn alice() -> Actor {
    Actor {
        who: "alice".into(),
        operation: "PutObject".into(),
        request: "1".into(),
        address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

/// Removes the ids of bucket keys, which are random, from the lines.
fn without_ids(lines: Vec<String>) -> Vec<String> {
    let word = |word: &str| if word.starts_with("b-") { "b" } else { word }.to_owned();
    let line = |line: String| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    lines.into_iter().map(line).collect()
}

/// Removes lines about the keys of buckets and of the store.
fn of_objects(lines: Vec<String>) -> Vec<String> {
    let of_object = |line: &String| ![" Bucket ", " Store "].iter().any(|mode| line.contains(mode));
    lines.into_iter().filter(of_object).collect()
}

#[tokio::test]
async fn a_write_is_recorded_even_if_its_caller_was_cancelled() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    vault.put("a", "x", Protection::S3).await.unwrap();
    vault.audit.take();
    gates.commits.close();
    tokio::select! {
        _ = vault.put("a", "y", ALICE) => panic!("the commit must wait at the gate"),
        () = gates.commits.reached() => {}
    }
    gates.commits.open();
    let mut lines = Vec::new();
    for _ in 0..500 {
        lines.extend(vault.audit.take());
        if lines.len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(lines, ["- wrap Customer a - ok", "- overwrite Customer a - ok"]);
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"y");
}

#[tokio::test]
async fn writes_and_reads_are_recorded_with_actor_and_key() {
    let vault = Vault::memory().await;
    for (protection, key) in [
        (Protection::Unspecified, "S3 a b"),
        (Protection::Kms, "Kms a key-1"),
        (ALICE, "Customer a -"),
    ] {
        vault.delete("a").await.unwrap();
        vault.audit.take();
        let put = request("a", 1, protection);
        vault
            .engine
            .acting_as(alice())
            .put_object(put, body("x"))
            .await
            .unwrap();
        let read = if protection == ALICE {
            ALICE
        } else {
            Protection::Unspecified
        };
        vault.get("a", read).await.unwrap();
        let expected = [format!("alice wrap {key} ok"), format!("- unwrap {key} ok")];
        assert_eq!(without_ids(vault.audit.take()), expected);
    }
}

#[tokio::test]
async fn refusals_are_recorded() {
    let vault = Vault::memory().await;
    vault.put("a", "x", ALICE).await.unwrap();
    vault.audit.take();
    for (protection, why) in [
        (
            MALLORY,
            "the customer key is not the one that the object was stored with",
        ),
        (Protection::Unspecified, "the object requires a customer key"),
    ] {
        vault.get("a", protection).await.unwrap_err();
        assert_eq!(vault.audit.take(), [format!("- refuse Customer a - {why}")]);
    }
    let headers = EncryptionHeaders {
        sse: Some("AES128".to_owned()),
        ..EncryptionHeaders::default()
    };
    let mut put = crate::support::vault::request("a", 1, Protection::Unspecified);
    put.object.encryption = headers;
    vault
        .engine
        .put_object(put, crate::support::vault::body("x"))
        .await
        .unwrap_err();
    let lines = vault.audit.take();
    assert!(
        lines.len() == 1 && lines[0].starts_with("- refuse - a - "),
        "{lines:?}"
    );
}

#[tokio::test]
async fn overwriting_another_mode_with_a_customer_key_is_recorded() {
    let vault = Vault::memory().await;
    for (before, returned) in [(Protection::S3, true), (Protection::Kms, true), (MALLORY, false)] {
        vault.put("a", "x", before).await.unwrap();
        vault.audit.take();
        vault.put("a", "y", ALICE).await.unwrap();
        let lines = vault.audit.take();
        let overwrite = "- overwrite Customer a - ok".to_owned();
        assert_eq!(lines.contains(&overwrite), returned, "{lines:?}");
    }
}

#[tokio::test]
async fn no_key_is_used_while_the_log_is_unavailable() {
    let vault = Vault::memory().await;
    vault.put("a", "x", ALICE).await.unwrap();
    vault.audit.set_full(true);
    let read = vault.get("a", ALICE).await;
    assert!(matches!(read, Err(Error::Audit(_))), "{read:?}");
    let write = vault.put("b", "x", Protection::Unspecified).await;
    assert!(matches!(write, Err(Error::Audit(_))), "{write:?}");
    vault.audit.set_full(false);
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"x");
    let missing = vault
        .engine
        .head_object(&reading("b"), EncryptionHeaders::default())
        .await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))));
}

#[tokio::test]
async fn key_service_events_name_the_key() {
    let vault = Vault::memory().await;
    vault.audit.take();
    vault.kms.set_away(true);
    vault.put("a", "x", Protection::Kms).await.unwrap_err();
    let lines = of_objects(vault.audit.take());
    assert!(
        lines.len() == 1 && lines[0].starts_with("- refuse Kms a - "),
        "{lines:?}"
    );
    vault.kms.set_away(false);
    // Another engine: the first one does not call an unavailable service again so soon.
    let engine = vault.restarted().await;
    let put = crate::support::vault::request("a", 1, Protection::Kms);
    engine
        .put_object(put, crate::support::vault::body("x"))
        .await
        .unwrap();
    let lines = of_objects(vault.audit.take());
    assert_eq!(lines, [format!("- wrap Kms a {DEFAULT_KEY} ok")]);
}
