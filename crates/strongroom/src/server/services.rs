//! The services at the endpoint: passes each request to S3, or to IAM and STS.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use s3s::Body;
use strongroom_iam::{AdminEvent, Iam, MAX_BODY, Record};
use strongroom_s3::{Front, Standing, Transport};
use tokio::sync::Semaphore;

use super::connection::Connection;
use super::listen::handler::Handler;
use super::listen::request_body::RequestBody;

/// Maximum number of requests to IAM and STS at the same time: each may hold [`MAX_BODY`].
const MAX_REQUESTS: usize = 32;
/// Content type of the requests.
const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// Time in which the body of a request to IAM or STS must arrive.
const BODY_LIMIT: Duration = Duration::from_secs(30);

/// The services.
pub(super) struct Services {
    front: Front,
    iam: Iam,
    places: Semaphore,
}

impl Services {
    pub(super) fn new(front: Front, iam: Iam) -> Self {
        Self {
            front,
            iam,
            places: Semaphore::new(MAX_REQUESTS),
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
        let (head, body) = request.into_parts();
        if let Err(refused) = self.iam.admit(&head).await {
            return *refused;
        }
        let body = tokio::time::timeout(BODY_LIMIT, Limited::new(body, MAX_BODY).collect()).await;
        let Ok(Ok(body)) = body else {
            return plain(
                StatusCode::BAD_REQUEST,
                "The body is larger than 1 MiB, or did not arrive in time.",
            );
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

/// Log of the changes to accounts, users and policies.
pub(super) struct ChangeLog;

impl Record for ChangeLog {
    fn record(&self, event: &AdminEvent<'_>) {
        tracing::info!(
            request = event.request,
            account = event.account,
            actor = event.actor,
            access_key = event.access_key_id,
            address = %event.address,
            action = event.action,
            entity = event.entity,
            outcome = event.outcome,
            "identity change"
        );
    }
}
