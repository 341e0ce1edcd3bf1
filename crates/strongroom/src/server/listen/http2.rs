//! HTTP/2 on one connection, which ends soon after it carried a customer key.
//!
//! The headers of a request stay in the connection's memory: in the HPACK table for compressing later headers (RFC 7541
//! section 2.3), and in the buffer for reading frames. Neither can be cleared from outside. Therefore a connection that
//! carried a key accepts requests for [`KEY_LIMIT`] only. Then GOAWAY tells the client to open another connection,
//! which costs no request (RFC 9113 section 6.8), and the connection ends after its running requests. Its memory is
//! freed and so wiped.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use strongroom_s3::Standing;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};

use super::exchanges::Exchanges;
use super::handler::{Handler, Shared, answer};
use super::http1::{HEAD_LIMIT, IDLE_LIMIT};
use super::request_body::with_rest;
use crate::server::connection::Connection;
use crate::stop::{Stop, reached};

/// Interval at which a client must show that it is alive.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Time after a request with a customer key in which further requests are accepted. A client that sends a steady
/// stream of them pays for a new connection (a few milliseconds) at this interval.
const KEY_LIMIT: Duration = Duration::from_secs(5);

/// Interval at which the requests in progress are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Time for the other requests of a connection on which one is too slow, after the client was told to end it.
const LAST_LIMIT: Duration = Duration::from_secs(10);
/// Maximum number of concurrent requests of a connection.
const MAX_STREAMS: u32 = 32;
/// Maximum number of bytes that a client may send on a stream before the server reads them.
const STREAM_WINDOW: u32 = 256 << 10;
/// The same for all streams of a connection.
const CONNECTION_WINDOW: u32 = 1 << 20;
/// Maximum number of bytes of a response that wait for the client's window.
const SEND_BUFFER: usize = 256 << 10;

/// Serves a connection until its client closes it, its time after a customer key is over, it is idle or too slow, or the
/// server is stopped.
pub(super) async fn serve<H: Handler, S>(
    stream: S,
    client: (Connection, Standing),
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let brought = Arc::new(Notify::new());
    let exchanges = Exchanges::new(shared.min_rate);
    let service = service_fn({
        let (brought, exchanges) = (Arc::clone(&brought), Arc::clone(&exchanges));
        move |request| {
            if shared.handler.may_bring_key(&request) {
                brought.notify_one();
            }
            let exchange = exchanges.begin();
            // A body that the handler does not read needs no more: when it is dropped, the stream is reset with NO_ERROR
            // after the response (RFC 9113 section 8.1).
            let (request, _) = with_rest(request, shared.min_rate);
            let answer = answer(Arc::clone(&shared), client.clone(), request);
            async move { Ok::<_, Infallible>(answer.await?.map(|body| exchange.watch(Box::pin(body)))) }
        }
    });
    let mut served = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut aged = pin!(async {
        brought.notified().await;
        tokio::time::sleep(KEY_LIMIT).await;
    });
    let mut stopped = pin!(reached(&mut stop, Stop::Gracefully));
    let mut look = tokio::time::interval(LOOK_INTERVAL);
    let (mut is_leaving, mut end) = (false, None);
    loop {
        let leaves = tokio::select! {
            ended = &mut served => return ended,
            () = &mut stopped, if !is_leaving => true,
            () = &mut aged, if !is_leaving => true,
            now = look.tick() => {
                if end.is_none() && exchanges.should_end(HEAD_LIMIT, IDLE_LIMIT) {
                    end = Some(now + LAST_LIMIT);
                }
                if end.is_some_and(|end| now >= end) {
                    return Ok(());
                }
                end.is_some() && !is_leaving
            }
        };
        if leaves {
            is_leaving = true;
            served.as_mut().graceful_shutdown();
        }
    }
}
