//! The line of a request in the audit log.
//!
//! [`crate::permission`] begins it when the operation is known, [`crate::front`] adds the outcome. It is written when the
//! last holder lets go of it: after the body of the response was sent, or when the request was cut off. A request that is
//! refused before its operation is known has no line, nor has a refused one without a signature: anybody could fill the
//! log with them.

use crate::response::error::ErrorResponse;
use crate::response::holding::{HeldByBody, holding};
use http::{HeaderMap, Method, Request, Response};
use s3s::Body;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use strongroom_audit::{Actor, Audit, Category, RequestEvent, Transfer};
use strongroom_engine::{Error, Mode, VersionName};
use strongroom_permission::Identity;

#[cfg(test)]
mod tests;

/// Result of a request whose response was not begun.
const CUT_OFF: &str = "cut off";

/// Record of one request.
pub(crate) struct Record {
    audit: Arc<dyn Audit>,
    started: Instant,
    /// `None`: the request is not recorded, or not yet.
    subject: OnceLock<RecordedRequest>,
    outcome: OnceLock<Outcome>,
    received: AtomicU64,
    sent: AtomicU64,
    /// Objects of a request about several, each with its result.
    objects: Mutex<Vec<ObjectOutcome>>,
}

/// Parts of a request that its line names.
pub(crate) struct RecordedRequest {
    pub(crate) actor: Actor,
    pub(crate) category: Category,
    pub(crate) identity: Identity,
    pub(crate) bucket: String,
    /// Empty: the request is about the bucket, or about several objects.
    pub(crate) key: String,
    /// Version that the request names.
    pub(crate) version: Option<String>,
}

/// Outcome of a request.
#[derive(Default)]
struct Outcome {
    status: u16,
    /// Code of the error. `None`: the request succeeded.
    code: Option<&'static str>,
    version: Option<String>,
    mode: Option<Mode>,
    key_id: Option<String>,
}

/// One of several objects of a request.
struct ObjectOutcome {
    key: String,
    version: Option<String>,
    result: &'static str,
}

impl Record {
    pub(crate) fn new(audit: &Arc<dyn Audit>) -> Arc<Self> {
        Arc::new(Self {
            audit: Arc::clone(audit),
            started: Instant::now(),
            subject: OnceLock::new(),
            outcome: OnceLock::new(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            objects: Mutex::default(),
        })
    }

    /// Begins the line if requests of the category are recorded.
    ///
    /// # Errors
    /// 503 if no line can be accepted: the request must not be carried out.
    pub(crate) fn begin(
        &self,
        category: Category,
        subject: impl FnOnce() -> RecordedRequest,
    ) -> Result<(), ErrorResponse> {
        if self.audit.records(category) {
            self.audit.ready().map_err(Error::from)?;
            // A request has one operation.
            let _ = self.subject.set(subject());
        }
        Ok(())
    }

    /// Adds one of several objects of the request. It gets a line of its own. `error` is the code of its failure.
    pub(crate) fn add_object(&self, key: &str, version: Option<VersionName>, error: Option<&'static str>) {
        if self.subject.get().is_some() {
            let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
            objects.push(ObjectOutcome {
                key: key.to_owned(),
                version: version.map(|version| version.to_string()),
                result: error.unwrap_or("ok"),
            });
        }
    }

    /// Counts the bytes of the body of a request that may have one.
    pub(crate) fn count_received(self: &Arc<Self>, request: Request<Body>) -> Request<Body> {
        if !matches!(*request.method(), Method::PUT | Method::POST) {
            return request;
        }
        let counting = self.counting(|record| &record.received);
        request.map(|body| holding(body, counting))
    }

    /// Sets the outcome, and counts the bytes of the response. `code` is the code of the error.
    pub(crate) fn complete(
        self: &Arc<Self>,
        response: Response<Body>,
        code: Option<&'static str>,
    ) -> Response<Body> {
        if self.subject.get().is_none() {
            return response;
        }
        let headers = response.headers();
        let _ = self.outcome.set(Outcome {
            status: response.status().as_u16(),
            code,
            version: text(headers, "x-amz-version-id"),
            mode: mode(headers),
            key_id: text(headers, "x-amz-server-side-encryption-aws-kms-key-id"),
        });
        if let Some(document) = response.body().bytes() {
            self.sent.store(document.len() as u64, Ordering::Relaxed);
            return response;
        }
        let counting = self.counting(|record| &record.sent);
        response.map(|body| holding(body, counting))
    }

    fn counting(self: &Arc<Self>, counter: fn(&Record) -> &AtomicU64) -> Counting {
        Counting {
            record: Arc::clone(self),
            counter,
        }
    }

    fn write(&self, subject: &RecordedRequest) {
        let default = Outcome::default();
        let outcome = self.outcome.get().unwrap_or(&default);
        let is_refused = outcome.status >= 400;
        if is_refused && subject.identity.is_anonymous() {
            return;
        }
        let caller = subject.identity.known();
        let account = caller.map(|caller| caller.account);
        let principal = caller.and_then(|caller| caller.as_policy_principal().arn().map(Cow::into_owned));
        let result = match self.outcome.get() {
            None => CUT_OFF,
            Some(outcome) => outcome.code.unwrap_or("ok"),
        };
        let whole = RequestEvent {
            actor: Some(&subject.actor),
            operation: "",
            category: subject.category,
            account: account.as_ref().map_or("", |account| account.as_str()),
            principal: principal.as_deref().unwrap_or_default(),
            bucket: &subject.bucket,
            object: &subject.key,
            version: outcome.version.as_deref().or(subject.version.as_deref()),
            mode: outcome.mode,
            key_id: outcome.key_id.as_deref(),
            status: Some(outcome.status).filter(|status| *status != 0),
            result,
            transfer: Some(Transfer {
                received: self.received.load(Ordering::Relaxed),
                sent: self.sent.load(Ordering::Relaxed),
                micros: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            }),
        };
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let of_objects = objects.iter().map(|object| RequestEvent {
            object: &object.key,
            version: object.version.as_deref(),
            status: None,
            result: object.result,
            transfer: None,
            ..whole.clone()
        });
        for event in of_objects.chain([whole.clone()]) {
            self.audit.record_done(&event);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(subject) = self.subject.take() {
            self.write(&subject);
        }
    }
}

/// Returns the encryption mode that a response names.
fn mode(headers: &HeaderMap) -> Option<Mode> {
    if headers.contains_key("x-amz-server-side-encryption-customer-algorithm") {
        return Some(Mode::Customer);
    }
    let named = headers.get("x-amz-server-side-encryption")?;
    Some(if named == "AES256" { Mode::S3 } else { Mode::Kms })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Record that counts the bytes of a body.
struct Counting {
    record: Arc<Record>,
    counter: fn(&Record) -> &AtomicU64,
}

impl HeldByBody for Counting {
    fn note(&self, bytes: u64) {
        (self.counter)(&self.record).fetch_add(bytes, Ordering::Relaxed);
    }
}
