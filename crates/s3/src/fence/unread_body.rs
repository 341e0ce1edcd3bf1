//! What is left of the body of a request that was refused.
//!
//! A client that sends a body in chunks (RFC 9112 section 7.1) reads the answer when it is done sending. If the
//! connection is closed before, it sees that and not the answer. So a little of the rest is read and dropped (RFC 9112
//! section 9.6).

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

/// The most bytes that are dropped: what a client may have on its way.
const MOST: usize = 1 << 20;
/// The longest that is waited for them.
const LONGEST: Duration = Duration::from_secs(2);

/// A body whose rest stays at hand when it is dropped.
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

/// The rest of a body, while its request is being answered.
pub(crate) struct UnreadBody(Option<Shared>);

impl UnreadBody {
    /// Keeps hold of the body of a request, if it comes in chunks.
    pub(crate) fn of(request: Request<Body>) -> (Self, Request<Body>) {
        if !request.headers().contains_key(TRANSFER_ENCODING) {
            return (Self(None), request);
        }
        let (head, body) = request.into_parts();
        let shared = Shared(Arc::new(Mutex::new(body)));
        let body = Body::http_body_unsync(shared.clone());
        (Self(Some(shared)), Request::from_parts(head, body))
    }

    /// Drops some of the rest, if the request was refused.
    pub(crate) async fn drop_for(self, response: &Response<Body>) {
        let refused = response.status().is_client_error() || response.status().is_server_error();
        let Some(mut rest) = self.0.filter(|_| refused) else {
            return;
        };
        let dropping = async {
            let mut dropped = 0;
            while let Some(Ok(frame)) = rest.frame().await {
                dropped += frame.data_ref().map_or(0, Bytes::len);
                if dropped > MOST {
                    break;
                }
            }
        };
        // What does not come in time is given up.
        let _ = tokio::time::timeout(LONGEST, dropping).await;
    }
}
