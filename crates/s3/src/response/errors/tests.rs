use super::*;
use crate::response::error::message_of;
use http::StatusCode;
use http::header::RETRY_AFTER;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::{KmsError, Unavailable};

fn response(error: impl Into<Error>) -> (u16, &'static str, String) {
    let error = ErrorResponse::of(&error.into());
    (error.status.as_u16(), error.code, error.message.into_owned())
}

#[test]
fn refusals_are_told_as_aws_tells_them() {
    let cases: [(Refusal, u16, &str, &str); 12] = [
        (
            Refusal::UnknownMethod("aes256".into()),
            400,
            "InvalidArgument",
            "The encryption method specified is not supported",
        ),
        (
            Refusal::Incompatible("AES256".into()),
            400,
            "InvalidArgument",
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
        ),
        (
            Refusal::UnknownAlgorithm("AES128".into()),
            400,
            "InvalidEncryptionAlgorithmError",
            "The Encryption request you specified is not valid. Supported value: AES256.",
        ),
        (
            Refusal::MissingAlgorithm,
            400,
            "InvalidArgument",
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
        ),
        (
            Refusal::MissingKey,
            400,
            "InvalidArgument",
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
        ),
        (
            Refusal::MissingMd5,
            400,
            "InvalidArgument",
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.",
        ),
        (
            Refusal::InvalidKey(Some(10)),
            400,
            "InvalidArgument",
            "The secret key was invalid for the specified algorithm.",
        ),
        (
            Refusal::Md5Mismatch,
            400,
            "InvalidArgument",
            "The calculated MD5 hash of the key did not match the hash that was provided.",
        ),
        (
            Refusal::KeyNeeded,
            400,
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
        ),
        (
            Refusal::NotApplicable,
            400,
            "InvalidRequest",
            "The encryption parameters are not applicable to this object.",
        ),
        (
            Refusal::WrongKey,
            403,
            "AccessDenied",
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
        ),
        (
            Refusal::TwoLayers,
            501,
            "NotImplemented",
            "Dual-layer server-side encryption (aws:kms:dsse) is not implemented; use aws:kms, AES256 or a customer key.",
        ),
    ];
    for (refusal, status, code, message) in cases {
        assert_eq!(response(refusal), (status, code, message.to_owned()));
    }
}

#[test]
fn what_a_key_management_service_says_is_told_as_aws_tells_it() {
    let key = || "key".to_owned();
    let away = KmsError::Unavailable(Unavailable("away".to_owned()));
    for (error, status, code) in [
        (KmsError::NotFound(key()), 400, "KMS.NotFoundException"),
        (KmsError::Disabled(key()), 400, "KMS.DisabledException"),
        (KmsError::InvalidState(key()), 400, "KMS.KMSInvalidStateException"),
        (KmsError::Refused(key()), 400, "KMS.InvalidCiphertextException"),
        (KmsError::Denied(key()), 403, "AccessDenied"),
        (KmsError::NoService, 501, "NotImplemented"),
        (KmsError::NoDefaultKey, 400, "InvalidArgument"),
        (away, 503, "ServiceUnavailable"),
    ] {
        let retry = matches!(error, KmsError::Unavailable(_));
        let error = ErrorResponse::of(&Error::Kms(error));
        assert_eq!((error.status.as_u16(), error.code), (status, code));
        assert_eq!(error.headers.iter().any(|(name, _)| name == RETRY_AFTER), retry);
    }
}

#[test]
fn a_key_in_the_wrong_header_is_not_repeated() {
    let keys = [
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
        "00112233445566778899aabbccddeeff",
        "alias/00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
    ];
    for key in keys.map(str::to_owned) {
        let refusals = [
            Refusal::Incompatible(key.clone()),
            Refusal::UnknownAlgorithm(key.clone()),
            Refusal::UnknownMethod(key.clone()),
            Refusal::InvalidBucketKey(key.clone()),
            Refusal::KmsKeyWithoutKms(key.clone()),
            Refusal::ReservedContext(format!("aws:{key}")),
        ];
        let services = [
            KmsError::NotFound(key.clone()),
            KmsError::Disabled(key.clone()),
            KmsError::InvalidState(key.clone()),
            KmsError::Denied(key.clone()),
            KmsError::Refused(key.clone()),
        ];
        let errors = refusals
            .map(Error::from)
            .into_iter()
            .chain(services.map(Error::Kms));
        for error in errors {
            assert!(!error.to_string().contains(&key), "{error}");
            let response = ErrorResponse::of(&error);
            assert!(!format!("{response:?}").contains(&key), "{response:?}");
        }
    }
    let named = ErrorResponse::of(&Error::Kms(KmsError::NotFound("alias/payroll".into())));
    assert_eq!(named.message, "Invalid keyId 'alias/payroll'");
}

#[test]
fn write_refusals_name_the_argument_as_aws_does() {
    let error = ErrorResponse::of(&Refusal::UnknownAlgorithm("AES128".into()).into());
    assert_eq!(
        error.extra[0],
        ("ArgumentName", "x-amz-server-side-encryption".to_owned())
    );
    assert_eq!(error.extra[1], ("ArgumentValue", "AES128".to_owned()));
}

#[test]
fn what_is_wrong_inside_is_not_told_outside() {
    let (status, code, message) = response(Error::Damaged("blob 17, chunk 3".into()));
    assert_eq!((status, code), (500, "InternalError"));
    assert!(!message.contains("blob"), "{message}");
}

#[test]
fn every_code_that_the_table_uses_is_known_to_s3s_or_carried_as_it_is() {
    let error = ErrorResponse::coded(400, "XAmzContentSHA256Mismatch", "m");
    let failure = crate::response::reply::FailureSlot::default();
    let error = error.into_s3(&failure);
    assert_eq!(error.code().as_str(), "XAmzContentSHA256Mismatch");
    assert_eq!(error.status_code(), Some(StatusCode::BAD_REQUEST));
}

#[test]
fn no_message_is_empty() {
    for code in [
        "AccessDenied",
        "SignatureDoesNotMatch",
        "NoSuchThing",
        "InternalError",
        "",
    ] {
        assert!(!message_of(code).is_empty());
    }
}
