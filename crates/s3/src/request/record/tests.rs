use super::*;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use strongroom_audit::{AuditUnavailable, IdentityChange, KeyEvent};

/// Audit that records writes: operation, key, version, status, result, bytes received and sent.
#[derive(Default)]
struct Heard {
    lines: Mutex<Vec<String>>,
    is_full: bool,
}

impl Audit for Heard {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        if self.is_full {
            Err(AuditUnavailable)
        } else {
            Ok(())
        }
    }

    fn record(&self, _: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn records(&self, category: Category) -> bool {
        category == Category::Writes
    }

    fn record_request(&self, event: &RequestEvent<'_>) -> Result<(), AuditUnavailable> {
        let status = event.status.map_or("-".to_owned(), |status| status.to_string());
        let bytes = event.transfer.map_or("-".to_owned(), |transfer| {
            format!("{}/{}", transfer.received, transfer.sent)
        });
        let version = event.version.unwrap_or("-");
        let mode = event.mode.map_or("-".to_owned(), |mode| format!("{mode:?}"));
        let line = [event.object, version, &mode, &status, event.result, &bytes].join(" ");
        self.lines.lock().unwrap().push(line);
        Ok(())
    }
}

fn subject() -> RecordedRequest {
    RecordedRequest {
        actor: Actor {
            who: "SRTEST".into(),
            operation: "PutObject".into(),
            request: "0123456789ABCDEF".into(),
            address: None,
        },
        category: Category::Writes,
        identity: crate::request::context::tests::root("SRTEST"),
        bucket: "bucket".to_owned(),
        key: "key".to_owned(),
        version: None,
    }
}

fn begun(heard: &Arc<Heard>) -> Arc<Record> {
    let record = Record::new(&(Arc::clone(heard) as Arc<dyn Audit>));
    record.begin(Category::Writes, subject).unwrap();
    record
}

fn lines(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut *heard.lines.lock().unwrap())
}

/// Returns a body without a known end, as that of a large object.
fn streamed(content: &'static str) -> Body {
    Body::http_body_unsync(http_body_util::Full::new(Bytes::from(content)).map_err(|never| match never {}))
}

#[tokio::test]
async fn a_line_is_written_when_the_response_was_sent() {
    let heard = Arc::<Heard>::default();
    let record = begun(&heard);
    let request = Request::put("/bucket/key").body(streamed("four")).unwrap();
    let request = record.count_received(request);
    let _ = request.into_body().collect().await.unwrap();
    let response = Response::builder()
        .header("x-amz-version-id", "v1")
        .header("x-amz-server-side-encryption", "AES256")
        .body(streamed("seven.."))
        .unwrap();
    let response = record.complete(response, None);
    drop(record);
    assert_eq!(lines(&heard), Vec::<String>::new());
    let _ = response.into_body().collect().await.unwrap();
    assert_eq!(lines(&heard), ["key v1 S3 200 ok 4/7"]);
}

#[test]
fn a_request_that_is_cut_off_has_a_line() {
    let heard = Arc::<Heard>::default();
    drop(begun(&heard));
    assert_eq!(lines(&heard), ["key - - - cut off 0/0"]);
}

#[test]
fn errors_are_recorded_by_their_code_but_not_those_of_strangers() {
    let heard = Arc::<Heard>::default();
    let refused = || Response::builder().status(403).body(Body::empty()).unwrap();
    let record = begun(&heard);
    drop(record.complete(refused(), Some("AccessDenied")));
    drop(record);
    assert_eq!(lines(&heard), ["key - - 403 AccessDenied 0/0"]);

    let record = Record::new(&(Arc::clone(&heard) as Arc<dyn Audit>));
    let stranger = || RecordedRequest {
        identity: Identity::Anonymous,
        ..subject()
    };
    record.begin(Category::Writes, stranger).unwrap();
    drop(record.complete(refused(), Some("AccessDenied")));
    drop(record);
    assert_eq!(lines(&heard), Vec::<String>::new());
}

#[test]
fn each_of_several_objects_has_a_line() {
    let heard = Arc::<Heard>::default();
    let record = begun(&heard);
    record.add_object("one", Some(VersionName::Null), None);
    record.add_object("two", None, Some("AccessDenied"));
    drop(record.complete(Response::new(Body::empty()), None));
    drop(record);
    assert_eq!(
        lines(&heard),
        [
            "one null - - ok -",
            "two - - - AccessDenied -",
            "key - - 200 ok 0/0"
        ]
    );
}

#[test]
fn categories_that_are_not_recorded_have_no_line_and_a_full_log_refuses_the_others() {
    let full = Arc::new(Heard {
        is_full: true,
        ..Heard::default()
    });
    let record = Record::new(&(Arc::clone(&full) as Arc<dyn Audit>));
    record.begin(Category::Reads, subject).unwrap();
    let refused = record.begin(Category::Writes, subject).unwrap_err();
    assert_eq!(refused.status, 503);
    record.add_object("one", None, None);
    drop(record);
    assert_eq!(lines(&full), Vec::<String>::new());
}
