use super::*;
use crate::encryption::{AES256, AWS_KMS, Decision, admit, admit_part, resolve};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::settings::BucketSettings;
use crate::model::settings::encryption::BucketEncryption;
use strongroom_seal::Mode;

fn base64(json: &str) -> String {
    BASE64_STANDARD.encode(json)
}

fn headers(sse: Option<&str>, key_id: bool, context: bool, bucket_key: Option<&str>) -> EncryptionHeaders {
    EncryptionHeaders {
        sse: sse.map(str::to_owned),
        kms: KmsHeaders {
            key_id: key_id.then(|| "key".to_owned()),
            context: context.then(|| base64(r#"{"a": "b"}"#)),
            bucket_key: bucket_key.map(str::to_owned),
        },
        ..EncryptionHeaders::default()
    }
}

fn bucket(kms: Option<DefaultKms>, bucket_key: bool) -> BucketSettings {
    BucketSettings {
        encryption: Some(BucketEncryption {
            bucket_key,
            blocked: None,
            kms,
        }),
        ..BucketSettings::default()
    }
}

/// Returns the requested KMS key, if the request resolves to SSE-KMS.
fn wish(headers: EncryptionHeaders, bucket: &BucketSettings) -> Result<Option<KmsWish>, Refusal> {
    resolve(headers, bucket).map(|decision| match decision {
        Decision::Kms(wish) => Some(wish),
        Decision::S3 => None,
        Decision::Customer(_) => panic!("no customer key was given"),
    })
}

#[test]
fn every_header_of_sse_kms_is_obeyed_or_refused() {
    let default = DefaultKms {
        key: Some("of the bucket".to_owned()),
    };
    for sse in [None, Some(AES256), Some(AWS_KMS)] {
        for of_bucket in [None, Some(default.clone())] {
            for setting in [false, true] {
                for (key_id, context) in [(false, false), (true, false), (false, true), (true, true)] {
                    for bucket_key in [None, Some("true"), Some("False")] {
                        let requested = headers(sse, key_id, context, bucket_key);
                        let got = wish(requested, &bucket(of_bucket.clone(), setting));
                        let by_default = sse.is_none() && of_bucket.is_some();
                        let expected = if key_id && (by_default || sse != Some(AWS_KMS)) {
                            Err(Refusal::KmsKeyWithoutKms("key".to_owned()))
                        } else if sse == Some(AWS_KMS) || by_default {
                            Ok(Some(KmsWish {
                                key: if by_default {
                                    default.key.clone()
                                } else {
                                    key_id.then(|| "key".to_owned())
                                },
                                context: if context {
                                    [("a".to_owned(), "b".to_owned())].into()
                                } else {
                                    Context::new()
                                },
                                bucket_key: bucket_key.map_or(setting, |requested| requested == "true"),
                            }))
                        } else if context {
                            Err(Refusal::KmsHeaderWithoutKms(
                                "x-amz-server-side-encryption-context",
                            ))
                        } else if bucket_key == Some("true") {
                            Err(Refusal::KmsHeaderWithoutKms(
                                "x-amz-server-side-encryption-bucket-key-enabled",
                            ))
                        } else {
                            Ok(None)
                        };
                        assert_eq!(
                            got, expected,
                            "{sse:?} {of_bucket:?} {key_id} {context} {bucket_key:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn headers_of_sse_kms_do_not_belong_on_a_read_or_a_part() {
    for requested in [
        || headers(None, true, false, None),
        || headers(None, false, true, None),
        || headers(None, false, false, Some("true")),
    ] {
        for mode in [Mode::S3, Mode::Kms, Mode::Customer] {
            assert!(admit(requested(), mode).is_err());
            assert!(admit_part(requested(), mode).is_err());
        }
    }
}

#[test]
fn what_is_no_context_and_no_flag_is_refused() {
    for (context, expected) in [
        ("no base64".to_owned(), Refusal::InvalidContext),
        (base64("[1]"), Refusal::InvalidContext),
        (base64(r#"{"a": 1}"#), Refusal::InvalidContext),
        (base64(r#"{"a": "b""#), Refusal::InvalidContext),
        (
            base64(r#"{"aws:s3:arn": "x"}"#),
            Refusal::ReservedContext("aws:s3:arn".to_owned()),
        ),
    ] {
        let mut requested = headers(Some(AWS_KMS), false, false, None);
        requested.kms.context = Some(context);
        assert_eq!(wish(requested, &BucketSettings::default()), Err(expected));
    }
    let requested = headers(Some(AWS_KMS), false, false, Some("perhaps"));
    let refused = Err(Refusal::InvalidBucketKey("perhaps".to_owned()));
    assert_eq!(wish(requested, &BucketSettings::default()), refused);
}

#[test]
fn a_customers_key_goes_with_none_of_them() {
    for kms in [
        headers(None, true, false, None).kms,
        headers(None, false, true, None).kms,
        headers(None, false, false, Some("true")).kms,
    ] {
        let mut requested = EncryptionHeaders {
            kms,
            ..EncryptionHeaders::default()
        };
        requested.customer.algorithm = Some(AES256.to_owned());
        assert!(resolve(requested, &BucketSettings::default()).is_err());
    }
}

#[test]
fn a_fingerprint_shows_nothing_of_the_name() {
    // sha256("key")
    assert_eq!(fingerprint("key"), "fingerprint:2c70e12b7a0646f9");
}
