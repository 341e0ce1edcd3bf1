//! HTTP/2 on one connection, which ends soon after it brought a customer's key.
//!
//! The headers of a request stay in the connection: in the table that HPACK compresses later headers with (RFC 7541
//! section 2.3), and in the buffer that frames are read into. Neither can be emptied from outside. So a connection that
//! brought a key takes requests for [`KEY_LIMIT`] only; then its client is told to go elsewhere, which costs it no
//! request (GOAWAY, RFC 9113 section 6.8), and it ends with the requests under way. Its memory is freed and so wiped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};

use super::handler::{Handler, Shared, answer};
use crate::server::connection::Connection;
use crate::stop::{Stop, told};

/// How often a client must show that it is alive.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long after a request with a customer's key others are taken. A client that sends one after the other pays for a
/// new connection (some milliseconds) this often.
const KEY_LIMIT: Duration = Duration::from_secs(5);

/// Serves a connection until its client closes it, it is too old for a key it brought, or the server is told to stop.
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
        () = told(&mut stop, Stop::Gracefully) => {}
        () = aged => {}
    }
    served.as_mut().graceful_shutdown();
    served.await
}
