use super::*;
use http::HeaderValue;

fn checked(value: &str) -> Result<Payload, ErrorResponse> {
    let mut headers = HeaderMap::new();
    headers.insert(NAME, HeaderValue::from_str(value).unwrap());
    check(&headers, false)
}

fn refusal(value: &str) -> Option<ErrorResponse> {
    checked(value).err()
}

#[test]
fn words_of_the_specification_and_hashes_pass() {
    for (value, payload) in [
        ("UNSIGNED-PAYLOAD", Payload::Unsigned),
        (
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Payload::Chunked { signed: false },
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Payload::Chunked { signed: true },
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Payload::Chunked { signed: true },
        ),
        (&"0f".repeat(32), Payload::Hash([0x0f; 32])),
    ] {
        assert_eq!(checked(value), Ok(payload), "{value}");
    }
}

#[test]
fn other_values_are_refused_by_name() {
    for value in [
        "",
        "nonsense",
        "UNSIGNED-PAYLOADS",
        "unsigned-payload",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "STREAMING-",
        &"0F".repeat(32),
        &"0f".repeat(31),
        &"0f".repeat(33),
        &"0g".repeat(32),
    ] {
        let error = refusal(value).unwrap();
        assert_eq!(error.code, "InvalidArgument", "{value}");
        let named = [
            ("ArgumentName", NAME.to_owned()),
            ("ArgumentValue", value.to_owned()),
        ];
        assert_eq!(error.extra, named);
    }
    assert_eq!(refusal(ASYMMETRIC[0]).unwrap().code, "NotImplemented");
}

#[test]
fn only_a_presigned_url_needs_none() {
    assert_eq!(check(&HeaderMap::new(), true), Ok(Payload::Unsigned));
    let error = check(&HeaderMap::new(), false).unwrap_err();
    assert_eq!(
        error.message,
        "Missing required header for this request: x-amz-content-sha256"
    );
}
