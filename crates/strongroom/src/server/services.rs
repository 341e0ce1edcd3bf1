//! The services at the endpoint: passes each request to S3, or to IAM and STS.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use s3s::Body;
use strongroom_audit::{Actor, Audit, IdentityChange};
use strongroom_iam::{AdminEvent, Admitted, Iam, MAX_BODY, MAX_UNSIGNED_BODY, Record};
use strongroom_s3::{Front, Standing, Transport};
use tokio::sync::Semaphore;

use super::connection::Connection;
use super::listen::handler::Handler;
use super::listen::request_body::RequestBody;

/// Maximum number of requests to IAM and STS at the same time: each may hold [`MAX_BODY`].
const MAX_REQUESTS: usize = 32;
/// Maximum number of those that are not signed, which wait for identity providers.
const MAX_UNSIGNED: usize = 8;
/// Content type of the requests.
const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// Time in which the body of a request to IAM or STS must arrive.
const BODY_LIMIT: Duration = Duration::from_secs(30);
/// Time in which the body of a request that is not signed must arrive.
const UNSIGNED_LIMIT: Duration = Duration::from_secs(5);

/// The services.
pub(super) struct Services {
    front: Front,
    iam: Iam,
    /// Changes are refused while they cannot be recorded.
    audit: Arc<dyn Audit>,
    places: Semaphore,
    places_of_strangers: Semaphore,
}

impl Services {
    pub(super) fn new(front: Front, iam: Iam, audit: Arc<dyn Audit>) -> Self {
        Self {
            front,
            iam,
            audit,
            places: Semaphore::new(MAX_REQUESTS),
            places_of_strangers: Semaphore::new(MAX_UNSIGNED),
        }
    }

    /// Returns whether a request is one to IAM or STS. S3 has no request that looks like it: its forms are multipart, and
    /// have the address of a bucket.
    fn is_for_iam<B>(&self, request: &Request<B>) -> bool {
        if self.front.names_bucket(request) {
            return false;
        }
        match *request.method() {
            Method::POST => request
                .headers()
                .get(CONTENT_TYPE)
                .is_some_and(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(FORM)),
            Method::GET => request
                .uri()
                .query()
                .unwrap_or_default()
                .split('&')
                .any(|pair| pair.starts_with("Action=")),
            _ => false,
        }
    }

    async fn ask_iam(
        &self,
        connection: Connection,
        standing: &Standing,
        request: Request<RequestBody>,
    ) -> Response<Bytes> {
        let Ok(_place) = self.places.try_acquire() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "Rate exceeded");
        };
        if self.audit.ready().is_err() {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "The audit log cannot be written.",
            );
        }
        let (head, body) = request.into_parts();
        let admitted = match self.iam.admit(&head).await {
            Ok(admitted) => admitted,
            Err(refused) => return *refused,
        };
        let (limit, time, too_much) = match admitted {
            Admitted::Signed => (
                MAX_BODY,
                BODY_LIMIT,
                "The body is larger than 1 MiB, or did not arrive in time.",
            ),
            Admitted::Unsigned => (
                MAX_UNSIGNED_BODY,
                UNSIGNED_LIMIT,
                "The body is larger than 64 KiB, or did not arrive in time.",
            ),
        };
        let place = match admitted {
            Admitted::Signed => None,
            Admitted::Unsigned => Some(self.places_of_strangers.try_acquire()),
        };
        if let Some(Err(_)) = place {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "Rate exceeded");
        }
        let body = tokio::time::timeout(time, Limited::new(body, limit).collect()).await;
        let Ok(Ok(body)) = body else {
            return plain(StatusCode::BAD_REQUEST, too_much);
        };
        let transport = strongroom_iam::Transport {
            address: connection.client,
            secure: connection.secure,
        };
        let response = self.iam.answer(&head, body.to_bytes(), transport).await;
        // Other responses do not show whether the signature is valid.
        if response.status() == StatusCode::OK {
            standing.note_signed();
        }
        response
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

impl Handler for Services {
    type Body = Body;

    fn may_bring_key(&self, request: &Request<Incoming>) -> bool {
        strongroom_s3::may_bring_customer_key(request)
    }

    async fn answer(
        &self,
        connection: Connection,
        standing: Standing,
        request: Request<RequestBody>,
    ) -> Response<Body> {
        if self.is_for_iam(&request) {
            return self.ask_iam(connection, &standing, request).await.map(Body::from);
        }
        let transport = Transport {
            secure: connection.secure,
            local: connection.local,
            peer: connection.client,
        };
        let request = request.map(Body::http_body_unsync);
        self.front.answer(transport, standing, request).await
    }
}

/// Records changes of accounts, users and policies in the audit log.
pub(super) struct ChangeLog(pub(super) Arc<dyn Audit>);

impl Record for ChangeLog {
    fn record(&self, event: &AdminEvent<'_>) {
        let change = IdentityChange {
            actor: Some(Actor {
                who: event.access_key_id.into(),
                operation: event.action.into(),
                request: event.request.into(),
                address: Some(event.address),
            }),
            account: event.account,
            principal: event.actor,
            entity: event.entity,
            result: event.outcome,
        };
        if self.0.record_change(&change).is_err() {
            tracing::error!(
                alarm = "audit",
                ?change,
                "a change of identities could not be recorded"
            );
        }
    }
}
