//! Tests of requests to the service, and of the handling of its responses. `tests/it/moto.rs` tests that a service
//! agrees.

use super::*;
use crate::kms::canned::{Canned, Seen};
use serde_json::json;
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, UNIX_EPOCH};

const ARN: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234-abcd";

/// 2026-01-02 03:04:05 UTC.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

fn context() -> Context {
    Context::from([("aws:s3:arn".to_owned(), "arn:aws:s3:::bucket".to_owned())])
}

async fn aws(
    answer: impl Fn(&Seen) -> (u16, String) + Send + Sync + 'static,
) -> (tempfile::TempDir, Canned, Aws) {
    let canned = Canned::start(answer).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials");
    let file =
        "[work]\naws_access_key_id = AKID\naws_secret_access_key = SECRET\naws_session_token = SESSION\n";
    write(&path, file).unwrap();
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let settings = AwsSettings {
        region: "eu-central-1".to_owned(),
        endpoint: Some(canned.address.clone()),
        ca_file: None,
        credentials_file: path,
        profile: "work".to_owned(),
    };
    (folder, canned, Aws::new(settings, now).unwrap())
}

fn key_pair() -> String {
    json!({
        "KeyId": ARN,
        "CiphertextBlob": BASE64_STANDARD.encode(b"wrapped"),
        "Plaintext": BASE64_STANDARD.encode([7; 32]),
    })
    .to_string()
}

#[tokio::test]
async fn requests_are_signed_and_complete() {
    let (_folder, canned, aws) = aws(|_| (200, key_pair())).await;
    let made = aws.generate(ARN, &context()).await.unwrap();
    assert_eq!(made.key.expose(), &[7; 32]);
    assert_eq!(made.wrapped, b"wrapped");
    let wrapped = aws.wrap(ARN, &made.key, &context()).await.unwrap();
    assert_eq!(wrapped, b"wrapped");
    let opened = aws.unwrap(ARN, b"wrapped", &context()).await.unwrap();
    assert_eq!(opened.expose(), &[7; 32]);

    let context = json!({"aws:s3:arn": "arn:aws:s3:::bucket"});
    let key = BASE64_STANDARD.encode([7; 32]);
    let wrapped = BASE64_STANDARD.encode(b"wrapped");
    let expected = [
        (
            "GenerateDataKey",
            json!({"KeyId": ARN, "NumberOfBytes": 32, "EncryptionContext": context}),
        ),
        (
            "Encrypt",
            json!({"KeyId": ARN, "Plaintext": key, "EncryptionContext": context}),
        ),
        (
            "Decrypt",
            json!({"KeyId": ARN, "CiphertextBlob": wrapped, "EncryptionContext": context}),
        ),
    ];
    for (seen, (operation, body)) in canned.seen().iter().zip(expected) {
        assert_eq!(seen.what, "POST /");
        assert_eq!(
            seen.header("x-amz-target"),
            Some(format!("TrentService.{operation}").as_str())
        );
        assert_eq!(seen.header("content-type"), Some("application/x-amz-json-1.1"));
        assert_eq!(seen.header("x-amz-date"), Some("20260102T030405Z"));
        assert_eq!(seen.header("x-amz-security-token"), Some("SESSION"));
        assert_eq!(seen.json(), body);
        let signature = seen.header("authorization").unwrap();
        let scope = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-central-1/kms/aws4_request, ";
        assert!(signature.starts_with(scope), "{signature}");
        for signed in [
            "content-type",
            "host",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-target",
        ] {
            assert!(signature.contains(signed), "{signature}");
        }
        assert!(!format!("{seen:?}").contains("SECRET"));
    }
    assert_eq!(canned.seen().len(), 3);
}

#[tokio::test]
async fn a_key_is_described_by_its_arn_and_state() {
    for (state, usage, spec, expected) in [
        (
            "Enabled",
            "ENCRYPT_DECRYPT",
            "SYMMETRIC_DEFAULT",
            KeyState::Enabled,
        ),
        (
            "Disabled",
            "ENCRYPT_DECRYPT",
            "SYMMETRIC_DEFAULT",
            KeyState::Disabled,
        ),
        (
            "PendingDeletion",
            "ENCRYPT_DECRYPT",
            "SYMMETRIC_DEFAULT",
            KeyState::Unusable,
        ),
        (
            "PendingImport",
            "ENCRYPT_DECRYPT",
            "SYMMETRIC_DEFAULT",
            KeyState::Unusable,
        ),
        ("Enabled", "SIGN_VERIFY", "RSA_2048", KeyState::Unusable),
        ("Enabled", "ENCRYPT_DECRYPT", "RSA_2048", KeyState::Unusable),
    ] {
        let facts = json!({"KeyMetadata": {
            "Arn": ARN, "KeyId": "1234-abcd", "KeyState": state, "KeyUsage": usage, "KeySpec": spec,
        }});
        let (_folder, canned, aws) = aws(move |_| (200, facts.to_string())).await;
        let description = aws.describe("alias/mine").await.unwrap();
        assert_eq!((description.id.as_str(), description.state), (ARN, expected));
        assert_eq!(canned.seen()[0].json(), json!({"KeyId": "alias/mine"}));
    }
}

#[tokio::test]
async fn every_failure_maps_to_its_error() {
    let key = || ARN.to_owned();
    for (status, code, expected) in [
        (400, "NotFoundException", Some(KmsError::NotFound(key()))),
        (
            400,
            "com.amazonaws.kms#NotFoundException",
            Some(KmsError::NotFound(key())),
        ),
        (400, "DisabledException", Some(KmsError::Disabled(key()))),
        (
            400,
            "KMSInvalidStateException",
            Some(KmsError::InvalidState(key())),
        ),
        (
            400,
            "InvalidKeyUsageException",
            Some(KmsError::InvalidState(key())),
        ),
        (400, "InvalidCiphertextException", Some(KmsError::Refused(key()))),
        (400, "IncorrectKeyException", Some(KmsError::Refused(key()))),
        (400, "AccessDeniedException", Some(KmsError::Denied(key()))),
        (400, "ThrottlingException", None),
        (400, "LimitExceededException", None),
        (400, "ExpiredTokenException", None),
        (400, "UnrecognizedClientException", None),
        (403, "InvalidSignatureException", None),
        (400, "KeyUnavailableException", None),
        (500, "KeyUnavailableException", None),
        (500, "KMSInternalException", None),
        (503, "DependencyTimeoutException", None),
        (503, "NotFoundException", None),
        (400, "", None),
    ] {
        let body = json!({"__type": code, "message": "a message"}).to_string();
        let (_folder, _canned, aws) = aws(move |_| (status, body.clone())).await;
        let errors = [
            aws.describe(ARN).await.err(),
            aws.generate(ARN, &context()).await.err(),
            aws.unwrap(ARN, b"wrapped", &context()).await.err(),
        ];
        for error in errors {
            match (&error, &expected) {
                (Some(KmsError::Unavailable(why)), None) => assert!(why.0.contains(code), "{why}"),
                _ => assert_eq!(error, expected, "{status} {code}"),
            }
        }
    }
}

#[tokio::test]
async fn a_rejected_request_fails_by_its_operation() {
    for code in ["ValidationException", "InvalidArnException"] {
        let body = json!({"__type": code}).to_string();
        let (_folder, _canned, aws) = aws(move |_| (400, body.clone())).await;
        let key = || ARN.to_owned();
        assert_eq!(aws.describe(ARN).await.err(), Some(KmsError::NotFound(key())));
        let made = aws.generate(ARN, &context()).await;
        assert_eq!(made.err(), Some(KmsError::InvalidState(key())));
        let opened = aws.unwrap(ARN, b"wrapped", &context()).await;
        assert_eq!(opened.err(), Some(KmsError::Refused(key())));
    }
}

#[tokio::test]
async fn an_unparsable_response_is_a_failure() {
    for body in [
        "",
        "{}",
        r#"{"CiphertextBlob":"AAAA","Plaintext":"AAAA"}"#,
        r#"{"CiphertextBlob":"!","Plaintext":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}"#,
    ] {
        let (_folder, _canned, aws) = aws(move |_| (200, body.to_owned())).await;
        let made = aws.generate(ARN, &context()).await;
        assert!(matches!(made.err(), Some(KmsError::Unavailable(_))), "{body}");
    }
}

#[tokio::test]
async fn credentials_are_read_for_each_request() {
    let (folder, canned, aws) = aws(|_| (200, key_pair())).await;
    let path = folder.path().join("credentials");
    aws.generate(ARN, &context()).await.unwrap();
    write(
        &path,
        "[work]\naws_access_key_id = OTHER\naws_secret_access_key = X\n",
    )
    .unwrap();
    aws.generate(ARN, &context()).await.unwrap();
    assert!(
        canned.seen()[1]
            .header("authorization")
            .unwrap()
            .contains("Credential=OTHER/")
    );

    write(&path, "[home]\n").unwrap();
    let error = aws.generate(ARN, &context()).await.err().unwrap().to_string();
    assert!(
        error.contains("profile \"work\": there is no such profile"),
        "{error}"
    );
    std::fs::remove_file(&path).unwrap();
    let error = aws.generate(ARN, &context()).await.err().unwrap().to_string();
    assert!(error.contains("credentials cannot be used"), "{error}");
    assert_eq!(canned.seen().len(), 2);
}

#[test]
fn the_default_endpoint_is_that_of_the_region() {
    let settings = |region: &str| AwsSettings {
        region: region.to_owned(),
        endpoint: None,
        ca_file: None,
        credentials_file: "/nowhere".into(),
        profile: "default".to_owned(),
    };
    for (region, host) in [
        ("eu-central-1", "kms.eu-central-1.amazonaws.com"),
        ("cn-north-1", "kms.cn-north-1.amazonaws.com.cn"),
    ] {
        let aws = Aws::new(settings(region), now).unwrap();
        assert_eq!(aws.address.authority(), host);
        assert!(aws.address.is_secure());
    }
    for region in ["", "EU", "eu central", "eu/x"] {
        let refused = Aws::new(settings(region), now)
            .err()
            .map(|error| error.to_string());
        assert!(
            refused.is_some_and(|error| error.contains("is not a valid region")),
            "{region}"
        );
    }
}
