//! HTTP/1.1 on one connection, keeping nothing of a finished request in memory.
//!
//! hyper reads into a buffer that lives as long as its connection: the headers of a request, and so a customer key,
//! stay in it until they are overwritten. Therefore, whenever a connection has sent a response and waits for the next
//! request, hyper's connection object is ended and a new one started on the same stream. The old buffer is freed, and
//! freed memory is wiped (`main.rs`). The client does not notice.
//!
//! A connection on which a body was not read cannot carry another request. Its response says `Connection: close`, and
//! the connection is closed in stages ([`Lingering`]).

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use http::HeaderValue;
use http::header::CONNECTION;
use hyper::rt::{Sleep, Timer};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use strongroom_s3::Standing;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::handler::{Handler, Shared, answer};
use super::lingering::Lingering;
use super::pace::Pace;
use super::request_body::with_rest;
use crate::server::connection::Connection;
use crate::stop::{Stop, reached};

#[cfg(test)]
mod tests;

/// Time limit for the head of a request, from its first byte, or from the start of the connection to the first one.
pub(super) const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// Time limit from the end of one response to the first byte of the next request. It is longer than most clients keep
/// idle connections: mostly the client closes first, so that no request meets a connection that is being closed.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(75);
/// Maximum size of the buffer for reading, and so of the head of a request, in bytes.
const READ_BUFFER: usize = 64 << 10;

/// Serves a connection until its client closes it or the server is stopped.
pub(super) async fn serve<H: Handler, S>(
    stream: S,
    client: (Connection, Standing),
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (progress, min_rate) = (Arc::new(Progress::new()), shared.min_rate);
    let mut http = http1::Builder::new();
    http.timer(HeadTimer(Arc::clone(&progress)))
        .header_read_timeout(IDLE_LIMIT)
        .max_buf_size(READ_BUFFER);
    let is_tls = client.0.secure;
    let mut service = service_fn(|request| {
        progress.used.store(true, Ordering::Relaxed);
        let (shared, client, progress) = (Arc::clone(&shared), client.clone(), Arc::clone(&progress));
        Box::pin(async move {
            let (request, rest) = with_rest(request, min_rate);
            let mut response = answer(shared, client, request).await?;
            if !rest.finish().await {
                progress.is_refused.store(true, Ordering::Relaxed);
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        })
    });
    let mut stream = Watched {
        stream,
        unread: Bytes::new(),
        progress: Arc::clone(&progress),
        is_tls,
        pace: Pace::new(min_rate),
        is_half_closed: false,
        lingering: None,
    };
    let mut stopped = pin!(reached(&mut stop, Stop::Gracefully));
    let mut is_last = false;
    loop {
        progress.begin();
        let mut served = http.serve_connection(TokioIo::new(stream), service);
        let goes_on = poll_fn(|cx| {
            if !is_last && stopped.as_mut().poll(cx).is_ready() {
                is_last = true;
                Pin::new(&mut served).graceful_shutdown();
            }
            if let Poll::Ready(ended) = Pin::new(&mut served).poll(cx) {
                return Poll::Ready(ended.map(|()| false));
            }
            if is_last || !progress.is_between_requests() {
                return Poll::Pending;
            }
            // Ends immediately, because no request is in progress, and writes nothing.
            Pin::new(&mut served).graceful_shutdown();
            let ended = served.poll_without_shutdown(cx);
            is_last = ended.is_pending();
            ended.map_ok(|()| true)
        })
        .await?;
        if !goes_on {
            return Ok(());
        }
        progress.is_first.store(false, Ordering::Relaxed);
        let parts = served.into_parts();
        stream = parts.io.into_inner();
        // The first bytes of the next request, if they have arrived. Copy them so that the buffer can be freed.
        stream.unread = Bytes::copy_from_slice(&parts.read_buf);
        service = parts.service;
    }
}

/// State of a connection. Its parts update it one after another, so no memory ordering is needed.
struct Progress {
    started: Instant,
    /// True until the first request was answered.
    is_first: AtomicBool,
    /// Time from `started` to the first byte of the request head that is being read, in milliseconds. 0: there is none.
    head_began: AtomicU64,
    /// True if a request arrived since hyper's connection object was created.
    used: AtomicBool,
    /// Number of running head timers: one while hyper waits for a request head, otherwise none.
    head_times: AtomicUsize,
    /// True if a write is pending.
    is_blocked: AtomicBool,
    /// True if the client may still be sending something that will not be read.
    is_refused: AtomicBool,
}

impl Progress {
    fn new() -> Self {
        Self {
            started: Instant::now(),
            is_first: AtomicBool::new(true),
            head_began: AtomicU64::new(0),
            used: AtomicBool::new(false),
            head_times: AtomicUsize::new(0),
            is_blocked: AtomicBool::new(false),
            is_refused: AtomicBool::new(false),
        }
    }

    /// Begins the wait for the next request.
    fn begin(&self) {
        self.used.store(false, Ordering::Relaxed);
        self.head_began.store(0, Ordering::Relaxed);
    }

    /// Records that bytes of the client arrived.
    fn note_read(&self) {
        if !self.used.load(Ordering::Relaxed) && self.head_began.load(Ordering::Relaxed) == 0 {
            let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.head_began.store(now.max(1), Ordering::Relaxed);
        }
    }

    /// Returns the time at which a request head must be complete, if nothing of it arrives until `idle`.
    fn head_deadline(&self, idle: Instant) -> Instant {
        match self.head_began.load(Ordering::Relaxed) {
            // That head is complete, and the next one is read by the next connection object.
            _ if self.used.load(Ordering::Relaxed) => idle,
            _ if self.is_first.load(Ordering::Relaxed) => idle.min(self.started + HEAD_LIMIT),
            0 => idle,
            began => idle.min(self.started + Duration::from_millis(began) + HEAD_LIMIT),
        }
    }

    /// Returns whether a request was fully read and its response fully written, and the next has not arrived.
    fn is_between_requests(&self) -> bool {
        self.used.load(Ordering::Relaxed)
            && self.head_times.load(Ordering::Relaxed) > 0
            && !self.is_blocked.load(Ordering::Relaxed)
    }

    /// Records a write. Without a request, hyper refuses a malformed head on its own.
    fn note_write(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.is_refused.store(true, Ordering::Relaxed);
        }
    }
}

/// Timer that counts hyper's time limits for a request head, which run from readiness for a head to its end.
struct HeadTimer(Arc<Progress>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.0.head_times.fetch_add(1, Ordering::Relaxed);
        let end = self.0.head_deadline(deadline);
        Box::pin(HeadTime {
            idle: deadline,
            end,
            time: TokioTimer::new().sleep_until(end),
            progress: Arc::clone(&self.0),
        })
    }
}

struct HeadTime {
    /// Time limit if nothing arrives.
    idle: Instant,
    /// Time limit that `time` waits for.
    end: Instant,
    time: Pin<Box<dyn Sleep>>,
    progress: Arc<Progress>,
}

impl Sleep for HeadTime {}

impl Future for HeadTime {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let end = self.progress.head_deadline(self.idle);
        if end != self.end {
            self.end = end;
            self.time = TokioTimer::new().sleep_until(end);
        }
        self.time.as_mut().poll(cx)
    }
}

impl Drop for HeadTime {
    fn drop(&mut self) {
        self.progress.head_times.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Stream that records whether writes are pending, returns previously read bytes first, and is closed in stages if the
/// client may still be sending.
struct Watched<S> {
    stream: S,
    unread: Bytes,
    progress: Arc<Progress>,
    is_tls: bool,
    pace: Pace,
    is_half_closed: bool,
    lingering: Option<Lingering>,
}

impl<S> Watched<S> {
    /// Records whether the write is blocked by the client, and returns its result; an error if the client has not taken
    /// enough for too long. `bytes` are the bytes that it took.
    fn observed<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        self.progress
            .is_blocked
            .store(written.is_pending(), Ordering::Relaxed);
        match written {
            Poll::Ready(Ok(written)) => {
                self.pace.moved(bytes(&written));
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self
                .pace
                .poll_too_slow(cx)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            let before = buffer.filled().len();
            let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
            if buffer.filled().len() > before {
                self.progress.note_read();
            }
            return read;
        }
        self.progress.note_read();
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread[..length]);
        self.unread.advance(length);
        if self.unread.is_empty() {
            // Free the memory.
            self.unread = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.progress.note_write();
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.observed(written, |bytes| *bytes, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.progress.note_write();
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.observed(written, |bytes| *bytes, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.observed(flushed, |()| 0, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.progress.is_refused.load(Ordering::Relaxed) {
            return Pin::new(&mut self.stream).poll_shutdown(cx);
        }
        let this = &mut *self;
        // TLS cannot be closed in one direction only: after `close_notify`, TLS 1.2 clients may not send (RFC 5246
        // section 7.2.1), and some clients of TLS 1.3 do not either.
        if !this.is_tls && !this.is_half_closed {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            this.is_half_closed = true;
        }
        let lingering = this.lingering.get_or_insert_with(Lingering::new);
        ready!(lingering.poll_end(&mut this.stream, cx));
        if this.is_half_closed {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
