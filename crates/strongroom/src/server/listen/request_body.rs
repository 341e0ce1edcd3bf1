//! Body of a request whose rest stays available after the handler has dropped it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::EXPECT;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::pace::{MinRate, Pace};

/// Maximum number of unread bytes that are read to keep the connection for the next request.
const MAX_SMALL_REST: u64 = 64 << 10;
/// Time limit for reading them: the client may have sent the head before the body.
const SMALL_REST_LIMIT: Duration = Duration::from_millis(250);

/// Body of a request.
pub(crate) struct RequestBody {
    /// `None` only while it is dropped.
    incoming: Option<Incoming>,
    state: Arc<Mutex<State>>,
    pace: Pace,
}

/// State of a body, which remains when the body is dropped.
#[derive(Default)]
struct State {
    /// True if the handler has tried to read it.
    polled: bool,
    /// True if the handler has read all of it.
    ended: bool,
    /// The dropped body.
    rest: Option<Incoming>,
}

/// Part of a body that the handler has not read.
pub(super) struct Rest {
    state: Arc<Mutex<State>>,
    /// True if the client may wait for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    expects_continue: bool,
}

/// Prepares a request for the handler.
pub(super) fn with_rest(request: Request<Incoming>, min_rate: MinRate) -> (Request<RequestBody>, Rest) {
    let state = Arc::new(Mutex::new(State {
        ended: request.body().is_end_stream(),
        ..State::default()
    }));
    let rest = Rest {
        state: Arc::clone(&state),
        expects_continue: request.headers().contains_key(EXPECT),
    };
    let body = |incoming| RequestBody {
        incoming: Some(incoming),
        state,
        pace: Pace::new(min_rate),
    };
    (request.map(body), rest)
}

impl Rest {
    /// Reads and discards a small rest, once the response is known. Returns whether the whole body has been read.
    ///
    /// A body that waits for `100 Continue` is not read: reading it would send that, although the request has its final
    /// status already.
    pub(super) async fn finish(self) -> bool {
        let State { polled, ended, rest } =
            std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        if ended {
            return true;
        }
        let Some(rest) = rest.filter(|_| polled || !self.expects_continue) else {
            return false;
        };
        let known = rest.size_hint().lower();
        known <= MAX_SMALL_REST
            && tokio::time::timeout(SMALL_REST_LIMIT, ends_soon(rest))
                .await
                .unwrap_or(false)
    }
}

/// Reads a body to its end; returns false if it is too large or broken.
async fn ends_soon(mut rest: Incoming) -> bool {
    let mut left = MAX_SMALL_REST;
    while let Some(frame) = rest.frame().await {
        let Ok(frame) = frame else { return false };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(after) = left.checked_sub(length) else {
            return false;
        };
        left = after;
    }
    true
}

impl RequestBody {
    fn update(&self, update: impl FnOnce(&mut State)) {
        update(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    /// An error of the kind `TimedOut` if the body arrives too slowly.
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Self { incoming, pace, .. } = &mut *self;
        let Some(incoming) = incoming else {
            return Poll::Ready(None);
        };
        let polled = match Pin::new(&mut *incoming).poll_frame(cx) {
            Poll::Ready(frame) => {
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                pace.moved(data.map_or(0, Bytes::len));
                Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
            }
            Poll::Pending => pace
                .poll_too_slow(cx)
                .map(|()| Some(Err(io::ErrorKind::TimedOut.into()))),
        };
        let ended = matches!(polled, Poll::Ready(None)) || incoming.is_end_stream();
        self.update(|state| {
            state.polled = true;
            state.ended |= ended;
        });
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let rest = self.incoming.take();
        self.update(|state| state.rest = rest);
    }
}
