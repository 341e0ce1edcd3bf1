use super::*;
use http::HeaderValue;

fn refusal(value: &str) -> Option<ErrorResponse> {
    let mut headers = HeaderMap::new();
    headers.insert(NAME, HeaderValue::from_str(value).unwrap());
    check(&headers, false).err()
}

#[test]
fn words_of_the_specification_and_hashes_pass() {
    for value in WORDS {
        assert_eq!(refusal(value), None);
    }
    assert_eq!(refusal(&"0f".repeat(32)), None);
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
    assert!(check(&HeaderMap::new(), true).is_ok());
    let error = check(&HeaderMap::new(), false).unwrap_err();
    assert_eq!(
        error.message,
        "Missing required header for this request: x-amz-content-sha256"
    );
}
