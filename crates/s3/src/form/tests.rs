use super::*;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::TryStreamExt as _;

fn request(body: &str) -> (HeaderMap, Body) {
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("multipart/form-data; boundary=xx"),
    );
    (headers, Body::from(body.replace('\n', "\r\n")))
}

fn part(name: &str, value: &str) -> String {
    format!("--xx\nContent-Disposition: form-data; name=\"{name}\"\n\n{value}\n")
}

async fn read(body: &str) -> Result<(Fields, Bytes), ErrorResponse> {
    let (headers, body) = request(body);
    let (fields, file) = fields::read(&headers, body).await?;
    let pieces: Vec<Bytes> = file
        .try_collect()
        .await
        .map_err(|error| ErrorResponse::of(&error.into()))?;
    Ok((fields, pieces.concat().into()))
}

#[tokio::test]
async fn a_form_is_taken_apart() {
    let file =
        "--xx\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a.txt\"\n\nthe file\n";
    let body = format!(
        "{}{}{file}{}--xx--\n",
        part("Key", "up/${filename}"),
        part("acl", "private"),
        part("late", "x")
    );
    let (fields, content) = read(&body).await.unwrap();
    assert_eq!(content, "the file");
    assert_eq!(fields.key().unwrap(), "up/a.txt");
    assert_eq!(fields.get("late"), None);
    assert_eq!(fields.headers().unwrap().get("x-amz-acl").unwrap(), "private");
}

#[tokio::test]
async fn a_file_may_come_without_a_name_and_a_field_with_one() {
    let named = "--xx\nContent-Disposition: form-data; name=\"key\"; filename=\"blob\"\n\nk\n";
    let (fields, content) = read(&format!("{named}{}--xx--\n", part("file", "bytes")))
        .await
        .unwrap();
    assert_eq!(
        (fields.key().unwrap().as_str(), &content[..]),
        ("k", &b"bytes"[..])
    );
}

#[tokio::test]
async fn forms_that_are_none_are_refused() {
    let code = async |body: &str| read(body).await.err().map(|error| error.code);
    assert_eq!(
        code(&format!("{}--xx--\n", part("key", "k"))).await,
        Some("InvalidArgument")
    );
    assert_eq!(code("rubbish").await, Some("MalformedPOSTRequest"));
    let twice = format!(
        "{}{}{}--xx--\n",
        part("key", "a"),
        part("KEY", "b"),
        part("file", "x")
    );
    assert_eq!(code(&twice).await, Some("InvalidArgument"));
    let large = format!(
        "{}{}--xx--\n",
        part("key", &"k".repeat(30_000)),
        part("file", "x")
    );
    assert_eq!(code(&large).await, Some("MaxPostPreDataLengthExceeded"));
    // The rest after the file is no end of a form, or has fields that came too late.
    let cut = format!("{}{}--xxZZ", part("key", "k"), part("file", "x"));
    assert_eq!(code(&cut).await, Some("IncompleteBody"));
    let late = part("x-amz-server-side-encryption-customer-key", "k");
    let late = format!("{}{}{late}--xx--\n", part("key", "k"), part("file", "x"));
    assert_eq!(code(&late).await, Some("InvalidRequest"));
    let spaced = format!(
        "{}{}--xx--\n",
        part(" x-amz-server-side-encryption", "AES256"),
        part("file", "x")
    );
    assert_eq!(code(&spaced).await, Some("MalformedPOSTRequest"));
    // The end of the file is missing.
    assert_eq!(code(&part("file", "half")).await, Some("IncompleteBody"));
}

#[tokio::test]
async fn policies_are_judged() {
    let body = format!(
        "{}{}{}--xx--\n",
        part("key", "up/a"),
        part("x-amz-meta-a", "1"),
        part("file", "x")
    );
    let (fields, _) = read(&body).await.unwrap();
    let judge = |conditions: &str, year: u16| {
        let text = format!("{{\"expiration\": \"{year}-01-01T00:00:00Z\", \"conditions\": [{conditions}]}}");
        let policy = FormPolicy::read(&BASE64_STANDARD.encode(text))?;
        policy.judge("bucket", "up/a", &fields).map(drop)
    };
    let meta = r#"{"x-amz-meta-a": "1"}"#;
    let bucket = r#"{"bucket": "bucket"}"#;
    let key = r#"["starts-with", "$key", "up/"]"#;
    assert_eq!(judge(&[bucket, key, meta].join(","), 2999), Ok(()));
    let refused = |conditions: &[&str], year, text: &str| {
        let error = judge(&conditions.join(","), year).unwrap_err();
        assert!(error.message.contains(text), "{error:?}");
    };
    refused(&[key, meta], 2999, "the policy has no condition for the bucket");
    refused(&[bucket, key, meta], 2001, "Policy expired");
    refused(&[bucket, key], 2999, "Extra input fields: x-amz-meta-a");
    refused(
        &[r#"{"bucket": "other"}"#, key, meta],
        2999,
        "Policy Condition failed",
    );
    refused(
        &[bucket, r#"["eq", "$key", "up/"]"#, meta],
        2999,
        "Policy Condition failed",
    );
    refused(
        &[bucket, key, r#"["starts-with", "$x-amz-meta-a", "2"]"#],
        2999,
        "Policy Condition failed",
    );
    // Fields in one condition would be checked by chance only.
    for condition in ["{}", r#"{"bucket": "bucket", "x-amz-meta-a": "1"}"#] {
        refused(&[bucket, key, meta, condition], 2999, "policy document");
    }
    refused(
        &[bucket, key, meta, r#"["less-than", "$key", "x"]"#],
        2999,
        "policy document",
    );
}

#[tokio::test]
async fn fields_are_headers_or_refused() {
    let headers = async |name: &str| {
        let body = format!("{}{}--xx--\n", part(name, "1"), part("file", "x"));
        read(&body)
            .await
            .unwrap()
            .0
            .headers()
            .map(|headers| headers.len())
    };
    for name in [
        "x-amz-meta-a",
        "x-amz-checksum-crc32",
        "content-type",
        "content-md5",
        "acl",
    ] {
        assert_eq!(headers(name).await, Ok(1), "{name}");
    }
    for name in [
        "x-amz-copy-source",
        "x-amz-content-sha256",
        "x-amz-trailer",
        "x-amz-decoded-content-length",
    ] {
        assert_eq!(headers(name).await.unwrap_err().code, "NotImplemented", "{name}");
    }
    assert_eq!(headers("submit").await, Ok(0));
}

#[tokio::test]
async fn what_stands_beside_the_file_has_bounds() {
    let endless = "a".repeat(9 << 20);
    assert_eq!(
        read(&endless).await.err().map(|error| error.code),
        Some("MaxPostPreDataLengthExceeded")
    );
    let name = "n".repeat(1000);
    let file =
        format!("--xx\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\n\nx\n--xx--\n");
    let (fields, _) = read(&format!("{}{file}", part("key", &"${filename}".repeat(100))))
        .await
        .unwrap();
    assert_eq!(fields.key().unwrap_err().code, "KeyTooLongError");
}

#[test]
fn headers_that_belong_in_fields_are_refused() {
    for name in [
        "x-amz-server-side-encryption",
        "authorization",
        "if-none-match",
        "x-amz-content-sha256",
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static("x"));
        assert!(refuse_headers(&headers).is_err(), "{name}");
    }
    assert!(refuse_headers(&HeaderMap::new()).is_ok());
}

#[test]
fn redirections_keep_what_the_address_has() {
    let to = |target| redirection(target, "b", "k/1", "\"e\"");
    assert_eq!(
        to("https://example.com/a?x=1#y").unwrap(),
        "https://example.com/a?x=1&bucket=b&key=k%2F1&etag=%22e%22#y"
    );
    assert_eq!(to("/elsewhere"), None);
}

#[test]
fn an_expiration_is_in_utc() {
    let read = |expiration: &str| {
        let text = format!("{{\"expiration\": \"{expiration}\", \"conditions\": []}}");
        FormPolicy::read(&BASE64_STANDARD.encode(text))
            .map(drop)
            .map_err(|error| error.code)
    };
    for right in ["2999-01-01T00:00:00Z", "2999-01-01T00:00:00.000Z"] {
        assert_eq!(read(right), Ok(()), "{right}");
    }
    for wrong in [
        "2999-01-01T00:00:00",
        "2999-01-01T00:00:00+01:00",
        "2999-01-01",
        "tomorrow",
        "Z",
    ] {
        assert_eq!(read(wrong), Err("InvalidPolicyDocument"), "{wrong}");
    }
}

#[tokio::test]
async fn each_value_of_a_content_type_is_compared() {
    let judge = async |content_type: &str| {
        let body = format!(
            "{}{}--xx--\n",
            part("content-type", content_type),
            part("file", "x")
        );
        let (fields, _) = read(&body).await.unwrap();
        let conditions = r#"{"bucket": "bucket"}, ["starts-with", "$Content-Type", "image/"]"#;
        let text = format!("{{\"expiration\": \"2999-01-01T00:00:00Z\", \"conditions\": [{conditions}]}}");
        let policy = FormPolicy::read(&BASE64_STANDARD.encode(text)).unwrap();
        policy.judge("bucket", "k", &fields).map(drop)
    };
    for allowed in ["image/jpg", "image/jpg,image/png", "image/jpg, image/png"] {
        assert_eq!(judge(allowed).await, Ok(()), "{allowed}");
    }
    for refused in ["text/plain", "image/jpg,text/plain", "image/jpg,"] {
        assert_eq!(
            judge(refused).await.unwrap_err().code,
            "AccessDenied",
            "{refused}"
        );
    }
}
