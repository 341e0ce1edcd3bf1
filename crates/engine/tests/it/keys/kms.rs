//! SSE-KMS: choice of the key, its encryption context, the reported id, and failures of the service.

use crate::support::kms_double::{ALIAS, DEFAULT_KEY, OTHER_KEY};
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, bulk};
use crate::support::vault::{BUCKET, Vault, body, reading, request};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use strongroom_engine::encryption::{AWS_KMS, EncryptionHeaders, KmsHeaders, KmsInfo};
use strongroom_engine::model::settings::{BucketEncryption, DefaultKms};
use strongroom_engine::{Error, KmsError, Mode};
use strongroom_keys::kms::KeyState;

async fn put(vault: &Vault, key: &str, kms: KmsHeaders) -> Result<KmsInfo, Error> {
    let mut put = request(key, 5, Protection::Kms);
    put.object.encryption.kms = kms;
    let put = vault.engine.put_object(put, body("bytes")).await?;
    assert_eq!(put.committed.encrypted.mode, Mode::Kms);
    Ok(put.committed.encrypted.kms.unwrap())
}

fn key(id: &str) -> KmsHeaders {
    KmsHeaders {
        key_id: Some(id.to_owned()),
        ..KmsHeaders::default()
    }
}

fn shared() -> KmsHeaders {
    KmsHeaders {
        bucket_key: Some("true".to_owned()),
        ..KmsHeaders::default()
    }
}

#[tokio::test]
async fn the_response_names_the_key_and_resolves_aliases() {
    let vault = Vault::memory().await;
    for (requested, returned) in [
        (KmsHeaders::default(), DEFAULT_KEY),
        (key(DEFAULT_KEY), DEFAULT_KEY),
        (key(OTHER_KEY), OTHER_KEY),
        (key(ALIAS), OTHER_KEY),
    ] {
        assert_eq!(put(&vault, "a", requested).await.unwrap().key_id, returned);
        let head = vault.head("a", Protection::Unspecified).await.unwrap();
        assert_eq!(head.encrypted.kms.unwrap().key_id, returned);
        assert_eq!(vault.get("a", Protection::Unspecified).await.unwrap(), b"bytes");
    }
}

#[tokio::test]
async fn the_context_contains_the_object_or_bucket_arn_and_the_request_context() {
    let vault = Vault::memory().await;
    let context = KmsHeaders {
        context: Some(BASE64_STANDARD.encode(r#"{"department": "10103.0"}"#)),
        ..KmsHeaders::default()
    };
    let returned = put(&vault, "a/b", context).await.unwrap();
    let object = format!("arn:aws:s3:::{BUCKET}/a/b");
    assert_eq!(returned.context["aws:s3:arn"], object);
    assert_eq!(returned.context["department"], "10103.0");
    let returned = put(&vault, "a/b", shared()).await.unwrap();
    assert!(returned.bucket_key);
    assert_eq!(returned.context["aws:s3:arn"], format!("arn:aws:s3:::{BUCKET}"));
    assert_eq!(vault.get("a/b", Protection::Unspecified).await.unwrap(), b"bytes");
}

#[tokio::test]
async fn the_bucket_default_applies_unless_the_request_overrides_it() {
    let vault = Vault::memory().await;
    let default = BucketEncryption {
        bucket_key: true,
        kms: Some(DefaultKms {
            key: Some(ALIAS.to_owned()),
        }),
        ..BucketEncryption::default()
    };
    let set = vault.engine.change_bucket_settings(BUCKET, |settings| {
        settings.encryption = Some(default.clone());
        Ok(())
    });
    set.await.unwrap();
    for (protection, mode) in [
        (Protection::Unspecified, Mode::Kms),
        (Protection::S3, Mode::S3),
        (ALICE, Mode::Customer),
        (Protection::Kms, Mode::Kms),
    ] {
        let put = vault.put("a", "x", protection).await.unwrap();
        let encrypted = put.committed.encrypted;
        assert_eq!(encrypted.mode, mode);
        let key = encrypted.kms.map(|kms| (kms.key_id, kms.bucket_key));
        let expected = match protection {
            Protection::Unspecified => Some(OTHER_KEY),
            // SSE-KMS without a key uses the default key of the service, as on AWS.
            Protection::Kms => Some(DEFAULT_KEY),
            _ => None,
        };
        assert_eq!(key, expected.map(|key| (key.to_owned(), true)));
        let read = if protection == ALICE {
            ALICE
        } else {
            Protection::Unspecified
        };
        assert_eq!(vault.get("a", read).await.unwrap(), b"x");
    }
    let begun = vault.begin("b", Protection::Unspecified).await;
    let upload = vault.engine.upload_encryption(&begun.name).await.unwrap();
    assert_eq!(upload.kms.unwrap().key_id, OTHER_KEY);
}

#[tokio::test]
async fn errors_of_the_service_are_returned_and_nothing_is_stored() {
    let vault = Vault::memory().await;
    put(&vault, "a", KmsHeaders::default()).await.unwrap();
    let rows = vault.rows().await.len();
    let unknown = put(&vault, "b", key("no-such-key")).await;
    assert!(matches!(unknown, Err(Error::Kms(KmsError::NotFound(id))) if id == "no-such-key"));

    vault.kms.set(DEFAULT_KEY, KeyState::Disabled);
    let disabled = put(&vault, "b", KmsHeaders::default()).await;
    assert!(matches!(disabled, Err(Error::Kms(KmsError::Disabled(_)))));
    let read = vault.restarted().await;
    let read = read
        .head_object(&reading("a"), EncryptionHeaders::default())
        .await;
    assert!(matches!(read, Err(Error::Kms(KmsError::Disabled(_)))));
    vault.kms.set(DEFAULT_KEY, KeyState::Enabled);
    assert_eq!(vault.rows().await.len(), rows);
}

#[tokio::test]
async fn an_unavailable_service_affects_only_its_own_objects() {
    let vault = Vault::memory().await;
    put(&vault, "kms", KmsHeaders::default()).await.unwrap();
    vault.put("s3", "x", Protection::Unspecified).await.unwrap();
    vault.kms.set_away(true);
    let engine = vault.restarted().await;
    let read = engine
        .head_object(&reading("kms"), EncryptionHeaders::default())
        .await;
    assert!(matches!(read, Err(Error::Kms(KmsError::Unavailable(_)))));
    assert!(
        engine
            .head_object(&reading("s3"), EncryptionHeaders::default())
            .await
            .is_ok()
    );
    // Deleting it needs no key.
    crate::support::vault::delete(&engine, "kms").await.unwrap();
}

#[tokio::test]
async fn an_upload_calls_the_service_at_its_start_and_for_its_parts_only() {
    let vault = Vault::memory().await;
    let parts = [bulk(1, PART), bulk(2, 70_000)];
    vault.multipart("a", Protection::Kms, &parts).await;
    // The key of the first part is still cached when the second one arrives.
    assert_eq!(vault.kms.calls(), 2);
    let head = vault.head("a", Protection::Unspecified).await.unwrap();
    assert_eq!(head.encrypted.mode, Mode::Kms);
    assert!(vault.get("a", Protection::Unspecified).await.unwrap() == parts.concat());
}

#[tokio::test]
async fn reads_of_kms_objects_refuse_encryption_headers() {
    let vault = Vault::memory().await;
    let requested = EncryptionHeaders {
        sse: Some(AWS_KMS.to_owned()),
        ..EncryptionHeaders::default()
    };
    // A customer key does not belong to it and is refused.
    put(&vault, "a", KmsHeaders::default()).await.unwrap();
    assert!(matches!(vault.get("a", ALICE).await, Err(Error::Encryption(_))));
    let (head, _) = vault
        .engine
        .head_object(&reading("a"), EncryptionHeaders::default())
        .await
        .unwrap();
    assert_eq!(head.encrypted.mode, Mode::Kms);
    let read = vault.engine.head_object(&reading("a"), requested).await;
    assert!(
        matches!(read, Err(Error::Encryption(_))),
        "a read must not send the SSE header"
    );
}
