//! HTTP/1.1 on one connection, which keeps nothing of a request that was answered.
//!
//! hyper reads into a buffer that lives as long as its connection: the headers of a request, and so a customer's key,
//! stay in it until something else is written over them. So whenever a connection has answered and waits for its next
//! request, hyper's part of it is ended and begun anew over the same stream. The old buffer is freed, and what is freed
//! is wiped (`main.rs`). The client sees nothing of it.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use hyper::rt::{Sleep, Timer};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::handler::{Handler, Shared, answer};
use crate::server::connection::Connection;
use crate::stop::{Stop, told};

/// From the end of one answer (or the start of the connection) to the last header of the next request. It is
/// also how long an idle connection is kept: longer than most clients keep theirs, so that it is mostly they who
/// close and no request meets a connection being closed.
const HEADER_LIMIT: Duration = Duration::from_secs(75);

/// Serves a connection until its client closes it or the server is told to stop.
pub(super) async fn serve<H: Handler, S>(
    stream: S,
    connection: Connection,
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let progress = Arc::new(Progress::default());
    let mut http = http1::Builder::new();
    http.timer(HeadTimer(Arc::clone(&progress)))
        .header_read_timeout(HEADER_LIMIT);
    let mut service = service_fn(|request| {
        progress.used.store(true, Ordering::Relaxed);
        Box::pin(answer(Arc::clone(&shared), connection, request))
    });
    let mut stream = Watched {
        stream,
        unread: Bytes::new(),
        progress: Arc::clone(&progress),
    };
    let mut stopped = pin!(told(&mut stop, Stop::Gracefully));
    let mut is_last = false;
    loop {
        progress.used.store(false, Ordering::Relaxed);
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
            // Ends at once, as nothing is under way, and writes nothing.
            Pin::new(&mut served).graceful_shutdown();
            let ended = served.poll_without_shutdown(cx);
            is_last = ended.is_pending();
            ended.map_ok(|()| true)
        })
        .await?;
        if !goes_on {
            return Ok(());
        }
        let parts = served.into_parts();
        stream = parts.io.into_inner();
        // Of the next request, if its first bytes came already. A copy, so that the buffer can go.
        stream.unread = Bytes::copy_from_slice(&parts.read_buf);
        service = parts.service;
    }
}

/// What goes on in a connection. Its parts tell it here, one after the other, so no order of memory is needed.
#[derive(Default)]
struct Progress {
    /// A request came since hyper's part was begun.
    used: AtomicBool,
    /// How many times for the head of a request are running: one while hyper waits for a head, else none.
    head_times: AtomicUsize,
    /// Something could not be written yet.
    is_blocked: AtomicBool,
}

impl Progress {
    /// Whether a request was answered to the last byte, read to its last byte, and the next has not come.
    fn is_between_requests(&self) -> bool {
        self.used.load(Ordering::Relaxed)
            && self.head_times.load(Ordering::Relaxed) > 0
            && !self.is_blocked.load(Ordering::Relaxed)
    }
}

/// Makes the times that hyper gives the head of a request: from when it is ready for one until it has it.
struct HeadTimer(Arc<Progress>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.0.head_times.fetch_add(1, Ordering::Relaxed);
        Box::pin(HeadTime {
            time: TokioTimer::new().sleep_until(deadline),
            progress: Arc::clone(&self.0),
        })
    }
}

struct HeadTime {
    time: Pin<Box<dyn Sleep>>,
    progress: Arc<Progress>,
}

impl Sleep for HeadTime {}

impl Future for HeadTime {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.time.as_mut().poll(cx)
    }
}

impl Drop for HeadTime {
    fn drop(&mut self) {
        self.progress.head_times.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that tells whether it takes what is written, and gives first what was read of it before.
struct Watched<S> {
    stream: S,
    unread: Bytes,
    progress: Arc<Progress>,
}

impl<S> Watched<S> {
    fn told<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.progress
            .is_blocked
            .store(written.is_pending(), Ordering::Relaxed);
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread[..length]);
        self.unread.advance(length);
        if self.unread.is_empty() {
            // Gives the memory back.
            self.unread = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.told(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.told(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.told(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
