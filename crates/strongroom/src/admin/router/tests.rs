use http_body_util::Empty;
use serde_json::{Value, json};

use super::*;
use crate::admin::fixture::{Fixture, endpoint};
use crate::admin::wire::MAX_DOCUMENT;
use crate::cli::sealing::Sealing;

const OPERATOR: Operator = Operator { uid: 4711 };

/// Sends a request and returns the status, and each line of the response as JSON.
async fn sent<B>(host: &Host, request: Request<B>) -> (StatusCode, Vec<Value>)
where
    B: Body<Data = Bytes>,
{
    let response = answer(host.clone(), OPERATOR, request).await;
    let status = response.status();
    let streams = response.headers()[CONTENT_TYPE] == JSON_LINES;
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(streams, text.ends_with(b"\n"));
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice(line).unwrap());
    (status, lines.collect())
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header(CONTENT_TYPE, JSON);
    request.body(Full::new(body.into())).unwrap()
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(path).body(Empty::new()).unwrap()
}

/// Checks that a request is refused with a status and code, and returns the message.
async fn refused<B>(host: &Host, request: Request<B>, status: StatusCode, code: &str) -> String
where
    B: Body<Data = Bytes>,
{
    let (actual, lines) = sent(host, request).await;
    let [failure] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(
        (actual, failure["code"].as_str()),
        (status, Some(code)),
        "{failure}"
    );
    failure["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_request_is_as_documented() {
    let documented = json!({
        "bucket": "vault", "prefix": "", "from": "sse-s3", "to": "sse-kms:payroll", "bucket_key": false, "rate": 10,
    });
    let job: Rewrap = serde_json::from_value(documented.clone()).unwrap();
    assert_eq!(job.to, Sealing::Kms(Some("payroll".to_owned())));
    assert_eq!(serde_json::to_value(&job).unwrap(), documented);
    let short = json!({ "bucket": "vault", "from": "sse-s3", "to": "sse-kms" });
    serde_json::from_value::<Rewrap>(short).unwrap();
}

#[test]
fn the_page_lists_every_route_and_every_status() {
    let page = include_str!("../../../../../docs/admin-api.md");
    let routes: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    let offered: Vec<_> = ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(routes, offered);
    let mut codes = 0;
    for line in page.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, code, status, ..] = cells[..] else {
            continue;
        };
        let Ok(status) = status.parse::<StatusCode>() else {
            continue;
        };
        let code: Code = serde_json::from_value(json!(code.trim_matches('`'))).unwrap();
        assert_eq!(code.status(), status, "{line}");
        codes += 1;
    }
    assert_eq!(codes, 20);
}

#[tokio::test]
async fn a_short_job_responds_with_a_document() {
    let host = Fixture::new().await.host;
    let expected = serde_json::to_value(endpoint()).unwrap();
    assert_eq!(
        sent(&host, get("/v1/endpoint")).await,
        (StatusCode::OK, vec![expected])
    );
    for body in ["", "{}", " {\n} "] {
        let purged = sent(&host, post("/v1/kms/purge-cache", body)).await;
        assert_eq!(purged, (StatusCode::OK, vec![json!({})]));
    }
}

#[tokio::test]
async fn a_long_job_responds_with_lines() {
    let host = Fixture::new().await.host;
    let (status, lines) = sent(&host, post("/v1/objects/verify", "{}")).await;
    assert_eq!(status, StatusCode::OK);
    let nothing = json!({ "opened": 0, "sealed": 0, "bytes": 0, "without_key": 0, "damaged": 0 });
    assert_eq!(lines.last().unwrap(), &json!({ "result": nothing }));
    let (_, lines) = sent(&host, get("/v1/keys/usage")).await;
    assert_eq!(lines.last().unwrap(), &json!({ "result": { "damaged": 0 } }));
    let nowhere = post("/v1/objects/verify", r#"{"bucket":"nowhere"}"#);
    let message = refused(&host, nowhere, StatusCode::NOT_FOUND, "no-such-bucket").await;
    assert_eq!(message, "there is no bucket nowhere");
}

#[tokio::test]
async fn a_job_is_done_in_the_name_of_who_asked() {
    let fixture = Fixture::new().await;
    let host = &fixture.host;
    host.core.engine.create_bucket("vault").await.unwrap();
    let shred = || post("/v1/buckets/shred", r#"{"bucket":"vault","with_locked":false}"#);
    assert_eq!(sent(host, shred()).await, (StatusCode::OK, vec![json!({})]));
    let heard = fixture.heard.0.lock().unwrap().clone();
    let who = "operator:4711 bucket shred".to_owned();
    assert_eq!(
        heard.last().unwrap(),
        &(who, "shred".to_owned(), "vault".to_owned())
    );
    let message = refused(host, shred(), StatusCode::NOT_FOUND, "no-such-bucket").await;
    assert_eq!(message, "there is no bucket vault");
}

#[tokio::test]
async fn bodies_that_are_not_understood_are_refused() {
    let host = Fixture::new().await.host;
    host.core.engine.create_bucket("vault").await.unwrap();
    for (path, body) in [
        ("/v1/kms/purge-cache", "rubbish"),
        ("/v1/kms/purge-cache", "{} {}"),
        ("/v1/kms/purge-cache", "[]"),
        ("/v1/kms/purge-cache", "null"),
        ("/v1/buckets/shred", r#"["vault",false]"#),
        ("/v1/kms/purge-cache", r#"{"more":1}"#),
        ("/v1/buckets/shred", ""),
        ("/v1/buckets/shred", r#"{"bucket":"vault"}"#),
        ("/v1/buckets/shred", r#"{"bucket":"vault","with_locked":1}"#),
        (
            "/v1/buckets/shred",
            r#"{"bucket":"vault","with_locked":false,"quietly":true}"#,
        ),
        (
            "/v1/buckets/shred",
            r#"{"bucket":"vault","bucket":"other","with_locked":false}"#,
        ),
        ("/v1/keys/delete", "{}"),
        ("/v1/audit/events", r#"{"event":null}"#),
        ("/v1/audit/events", r#"{"event":{"key-lost":{"id":"m-1"}}}"#),
        ("/v1/objects/verify", r#"{"rate":0}"#),
        (
            "/v1/objects/rewrap",
            r#"{"bucket":"vault","from":"sse-c","to":"sse-s3"}"#,
        ),
    ] {
        let message = refused(&host, post(path, body), StatusCode::BAD_REQUEST, "bad-request").await;
        assert!(message.contains(VERSION), "{message}");
    }
    assert!(host.core.engine.head_bucket("vault").await.is_ok());
}

#[tokio::test]
async fn requests_that_are_not_understood_are_refused() {
    let host = Fixture::new().await.host;
    for path in ["/", "/v1", "/v1/endpoint/", "/v2/endpoint", "/v1/kms"] {
        let message = refused(&host, get(path), StatusCode::NOT_FOUND, "not-found").await;
        assert!(message.contains(VERSION) && message.contains(path), "{message}");
    }
    for request in [post("/v1/endpoint", ""), post("/v1/keys/usage", "{}")] {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        refused(&host, request, status, "method-not-allowed").await;
    }
    let response = answer(host.clone(), OPERATOR, get("/v1/buckets/shred")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "POST");
    let query = get("/v1/endpoint?more=1");
    refused(&host, query, StatusCode::BAD_REQUEST, "bad-request").await;
    let form = Request::post("/v1/kms/purge-cache").header(CONTENT_TYPE, "text/plain");
    let form = form.body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    refused(&host, form, status, "unsupported-media-type").await;
}

#[tokio::test]
async fn a_body_has_a_maximum_length() {
    let host = Fixture::new().await.host;
    let padded = |length: usize| post("/v1/kms/purge-cache", format!("{{}}{}", " ".repeat(length - 2)));
    assert_eq!(sent(&host, padded(MAX_DOCUMENT)).await.0, StatusCode::OK);
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    refused(&host, padded(MAX_DOCUMENT + 1), status, "too-large").await;
}

#[tokio::test]
async fn a_command_of_another_version_is_refused() {
    let host = Fixture::new().await.host;
    let of_version = |version: &str| {
        let request = Request::get("/v1/endpoint").header(VERSION_HEADER, version);
        request.body(Empty::<Bytes>::new()).unwrap()
    };
    assert_eq!(sent(&host, of_version(VERSION)).await.0, StatusCode::OK);
    let other = of_version("99.0.0");
    let message = refused(&host, other, StatusCode::BAD_REQUEST, "other-version").await;
    assert!(
        message.contains(VERSION) && message.contains("99.0.0"),
        "{message}"
    );
}
