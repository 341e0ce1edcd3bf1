//! Customer keys: only the right key gives content, metadata or the result of conditions.

use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::vault::{BUCKET, Vault, content, reading};
use strongroom_engine::encryption::{AES256, EncryptionHeaders, Refusal};
use strongroom_engine::model::condition::{EtagCondition, ReadConditions};
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::object::list::ListObjects;
use strongroom_engine::object::walk::Entry;
use strongroom_engine::{Error, Mode, Result};

fn refused<T: std::fmt::Debug>(outcome: Result<T>, expected: &Refusal) {
    match outcome {
        Err(Error::Encryption(refusal)) => assert_eq!(&refusal, expected),
        other => panic!("{other:?} instead of {expected:?}"),
    }
}

#[tokio::test]
async fn only_the_right_key_decrypts_at_any_size() {
    for vault in Vault::each().await {
        // An empty object has sealed bytes too.
        for size in [0, 1, 100_000] {
            vault.put("theirs", content(1, size), ALICE).await.unwrap();
            vault.put("ours", content(2, size), Protection::S3).await.unwrap();
            for (key, protection, expected) in [
                ("theirs", MALLORY, Refusal::WrongKey),
                ("theirs", Protection::Unspecified, Refusal::KeyNeeded),
                ("ours", ALICE, Refusal::NotApplicable),
            ] {
                refused(vault.get(key, protection).await, &expected);
                refused(vault.head(key, protection).await, &expected);
            }
            assert!(vault.get("theirs", ALICE).await.unwrap() == content(1, size));
            assert!(vault.get("ours", Protection::Unspecified).await.unwrap() == content(2, size));
        }
    }
}

#[tokio::test]
async fn a_key_decrypts_only_its_own_version() {
    let vault = Vault::memory().await;
    vault.put("a", "first", ALICE).await.unwrap();
    vault.put("a", "second", MALLORY).await.unwrap();
    refused(vault.get("a", ALICE).await, &Refusal::WrongKey);
    assert_eq!(vault.get("a", MALLORY).await.unwrap(), b"second");
    vault.put("a", "third", Protection::Unspecified).await.unwrap();
    refused(vault.get("a", MALLORY).await, &Refusal::NotApplicable);
}

#[tokio::test]
async fn conditions_reveal_nothing_without_the_key() {
    let vault = Vault::memory().await;
    let etag = vault.put("a", "bytes", ALICE).await.unwrap().committed.etag;
    for etags in [vec![etag], vec!["other".to_owned()]] {
        let conditions = ReadConditions {
            if_match: Some(EtagCondition::OneOf(etags.clone())),
            if_none_match: Some(EtagCondition::OneOf(etags)),
            ..ReadConditions::default()
        };
        let read = ReadObject {
            conditions,
            ..reading("a")
        };
        for protection in [MALLORY, Protection::Unspecified] {
            let head = vault.engine.head_object(&read, protection.on_read()).await;
            assert!(matches!(head, Err(Error::Encryption(_))), "{head:?}");
            let get = vault.engine.get_object(&read, || protection.on_read()).await;
            assert!(matches!(get.map(|_| ()), Err(Error::Encryption(_))));
        }
    }
}

#[tokio::test]
async fn a_read_with_the_sse_header_is_refused() {
    let vault = Vault::memory().await;
    vault.put("a", "bytes", Protection::S3).await.unwrap();
    let headers = EncryptionHeaders {
        sse: Some(AES256.to_owned()),
        ..EncryptionHeaders::default()
    };
    let read = reading("a");
    let head = vault.engine.head_object(&read, headers);
    refused(head.await, &Refusal::SseOnRead(AES256.to_owned()));
}

#[tokio::test]
async fn listing_and_deleting_need_no_key() {
    let vault = Vault::memory().await;
    let put = vault.put("a", content(1, 100_000), ALICE).await.unwrap();
    let list = ListObjects {
        limit: 10,
        ..ListObjects::default()
    };
    let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
    let [Entry::Item(listed)] = &page.entries[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (listed.length, &listed.etag, listed.mode),
        (100_000, &put.committed.etag, Mode::Customer)
    );
    vault.delete("a").await.unwrap();
    let gone = vault.get("a", ALICE).await;
    assert!(matches!(gone, Err(Error::NoSuchKey(_))), "{gone:?}");
}

#[tokio::test]
async fn a_write_with_a_refused_key_reads_no_body_and_changes_nothing() {
    let vault = Vault::memory().await;
    vault.put("a", "before", ALICE).await.unwrap();
    let mut put = crate::support::vault::request("a", 5, ALICE);
    put.object.encryption.sse = Some("aws:kms".to_owned());
    let body = futures::StreamExt::boxed(futures::stream::poll_fn(|_| panic!("the body was read")));
    let outcome = vault.engine.put_object(put, body).await;
    refused(outcome, &Refusal::Incompatible("aws:kms".to_owned()));
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"before");
}
