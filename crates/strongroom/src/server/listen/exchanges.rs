//! The requests in progress on an HTTP/2 connection, watched from outside.
//!
//! A client stops a stream by not widening its window, and HTTP/2 gives a body no way to notice. So each body of a
//! response records when it waits for the client, and the connection looks at all of them at intervals.

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use super::pace::{MinRate, Pace};

#[cfg(test)]
mod tests;

/// Maximum size of the pieces of a response, in bytes. HTTP/2 buffers a whole piece as soon as the client's window has
/// room for one byte, so larger ones would neither show the client's rate nor be part of the memory budget.
const MAX_PIECE: usize = 16 << 10;

/// The requests in progress on a connection.
pub(super) struct Exchanges {
    min_rate: MinRate,
    state: Mutex<State>,
}

struct State {
    running: Vec<Weak<Mutex<Pace>>>,
    /// End of the last request, or start of the connection.
    idle_since: Instant,
    is_used: bool,
}

/// One request, from its head to the end of its response.
pub(super) struct Exchange {
    exchanges: Arc<Exchanges>,
    pace: Arc<Mutex<Pace>>,
}

/// Body of a response.
pub(super) struct Watched<B> {
    body: B,
    exchange: Exchange,
    /// Bytes of the last frame that were not handed over.
    rest: Bytes,
    /// Size of the last piece, which counts when the client has taken it.
    handed_over: usize,
}

impl Exchanges {
    pub(super) fn new(min_rate: MinRate) -> Arc<Self> {
        Arc::new(Self {
            min_rate,
            state: Mutex::new(State {
                running: Vec::new(),
                idle_since: Instant::now(),
                is_used: false,
            }),
        })
    }

    /// Begins a request.
    pub(super) fn begin(self: &Arc<Self>) -> Exchange {
        let pace = Arc::new(Mutex::new(Pace::new(self.min_rate)));
        let mut state = lock(&self.state);
        state.is_used = true;
        state.running.push(Arc::downgrade(&pace));
        drop(state);
        Exchange {
            exchanges: Arc::clone(self),
            pace,
        }
    }

    /// Returns whether the connection should be closed: a client has not taken a response for too long, or there was no
    /// request for `idle`, or no first one for `first`.
    pub(super) fn should_end(&self, first: Duration, idle: Duration) -> bool {
        let mut state = lock(&self.state);
        let now = Instant::now();
        state.running.retain(|pace| pace.strong_count() > 0);
        if state.running.is_empty() {
            let limit = if state.is_used { idle } else { first };
            return now - state.idle_since > limit;
        }
        let mut running = state.running.iter().filter_map(Weak::upgrade);
        running.any(|pace| lock(&pace).is_too_slow(now))
    }
}

impl Exchange {
    /// Watches the body of the response.
    pub(super) fn watch<B>(self, body: B) -> Watched<B> {
        Watched {
            body,
            exchange: self,
            rest: Bytes::new(),
            handed_over: 0,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        lock(&self.exchanges.state).idle_since = Instant::now();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B: Body<Data = Bytes> + Unpin> Body for Watched<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let watched = &mut *self;
        // Being asked for the next piece means that the client took the one before.
        lock(&watched.exchange.pace).moved(mem::take(&mut watched.handed_over));
        if watched.rest.is_empty() {
            let frame = ready!(Pin::new(&mut watched.body).poll_frame(cx)).transpose()?;
            let Some(frame) = frame else {
                return Poll::Ready(None);
            };
            match frame.into_data() {
                Ok(data) => watched.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = watched.rest.split_to(watched.rest.len().min(MAX_PIECE));
        watched.handed_over = piece.len();
        lock(&watched.exchange.pace).begin_wait();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, of_body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(of_body.lower().saturating_add(rest));
        if let Some(upper) = of_body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}
