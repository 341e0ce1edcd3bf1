//! The unread rest of the body of a refused request.
//!
//! A client that sends a chunked body (RFC 9112 section 7.1) reads the response only after it has sent everything. If
//! the connection is closed earlier, the client sees that and not the response. So a limited part of the rest is read
//! and dropped (RFC 9112 section 9.6).

use bytes::Bytes;
use http::header::TRANSFER_ENCODING;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use s3s::{Body, StdError};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// Maximum number of bytes that are dropped: about as many as a client has in flight.
const MAX_BYTES: usize = 1 << 20;
/// Maximum time to wait for those bytes.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// A body that is still available after its reader has dropped it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(cx)
    }
}

/// The body of a request that is being answered.
pub(crate) struct UnreadBody(Option<Shared>);

impl UnreadBody {
    /// Keeps a reference to the body of a request, if it is chunked.
    pub(crate) fn of(request: Request<Body>) -> (Self, Request<Body>) {
        if !request.headers().contains_key(TRANSFER_ENCODING) {
            return (Self(None), request);
        }
        let (head, body) = request.into_parts();
        let shared = Shared(Arc::new(Mutex::new(body)));
        let body = Body::http_body_unsync(shared.clone());
        (Self(Some(shared)), Request::from_parts(head, body))
    }

    /// Reads and drops part of the rest, if the request was refused.
    pub(crate) async fn drop_for(self, response: &Response<Body>) {
        let refused = response.status().is_client_error() || response.status().is_server_error();
        let Some(mut rest) = self.0.filter(|_| refused) else {
            return;
        };
        let dropping = async {
            let mut dropped = 0;
            while let Some(Ok(frame)) = rest.frame().await {
                dropped += frame.data_ref().map_or(0, Bytes::len);
                if dropped > MAX_BYTES {
                    break;
                }
            }
        };
        // Bytes that do not arrive in time are abandoned.
        let _ = tokio::time::timeout(MAX_WAIT, dropping).await;
    }
}
