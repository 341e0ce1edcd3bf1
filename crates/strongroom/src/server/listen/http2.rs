//! HTTP/2 on one connection, which ends soon after it carried a customer key.
//!
//! The headers of a request stay in the connection's memory: in the HPACK table for compressing later headers (RFC 7541
//! section 2.3), and in the buffer for reading frames. Neither can be cleared from outside. Therefore a connection that
//! carried a key accepts requests for [`KEY_LIMIT`] only. Then GOAWAY tells the client to open another connection,
//! which costs no request (RFC 9113 section 6.8), and the connection ends after its running requests. Its memory is
//! freed and so wiped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};

use super::handler::{Handler, Shared, answer};
use super::request_body::with_rest;
use crate::server::connection::Connection;
use crate::stop::{Stop, reached};

/// Interval at which a client must show that it is alive.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Time after a request with a customer key in which further requests are accepted. A client that sends a steady
/// stream of them pays for a new connection (a few milliseconds) at this interval.
const KEY_LIMIT: Duration = Duration::from_secs(5);

/// Serves a connection until its client closes it, its time after a customer key is over, or the server is stopped.
pub(super) async fn serve<H: Handler, S>(
    stream: S,
    connection: Connection,
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let brought = Arc::new(Notify::new());
    let service = service_fn({
        let brought = Arc::clone(&brought);
        move |request| {
            if shared.handler.may_bring_key(&request) {
                brought.notify_one();
            }
            // A body that the handler does not read needs no more: when it is dropped, the stream is reset with NO_ERROR
            // after the response (RFC 9113 section 8.1).
            let (request, _) = with_rest(request);
            answer(Arc::clone(&shared), connection, request)
        }
    });
    let mut served = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .serve_connection(TokioIo::new(stream), service)
    );
    let aged = async {
        brought.notified().await;
        tokio::time::sleep(KEY_LIMIT).await;
    };
    tokio::select! {
        ended = &mut served => return ended,
        () = reached(&mut stop, Stop::Gracefully) => {}
        () = aged => {}
    }
    served.as_mut().graceful_shutdown();
    served.await
}
