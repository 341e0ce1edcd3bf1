//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Handler, Shared};
use crate::connection::Connection;
use crate::stop::{Stop, told};

/// A client that has not finished the TLS handshake by then is let go.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// From the end of one answer (or the start of the connection) to the last header of the next request. It is
/// also how long an idle connection is kept: longer than most clients keep theirs, so that it is mostly they who
/// close and no request meets a connection being closed.
const HEADER_LIMIT: Duration = Duration::from_secs(75);
/// How often an HTTP/2 client must show that it is alive; HTTP/1.1 has `HEADER_LIMIT` for that.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long TCP waits before it asks a silent peer whether it is there, and between askings: a peer that vanished
/// in the middle of a body frees its place after some two minutes.
const KEEPALIVE: TcpKeepalive = TcpKeepalive::new()
    .with_time(Duration::from_mins(1))
    .with_interval(Duration::from_secs(15));

/// What a client gets that speaks plain HTTP to the HTTPS port.
const PLAIN_HTTP_ON_TLS_PORT: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain\r\n\
    connection: close\r\n\
    content-length: 73\r\n\
    \r\n\
    This port speaks HTTPS only: let the endpoint URL start with https://...\n";

/// Sets what every connection wants of TCP. A connection that is gone already shows it at the first read.
pub(super) fn tune(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    // Answers are written in few, whole pieces; Nagle's algorithm would hold the last one back for 40 ms.
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_keepalive(&KEEPALIVE));
    if let Err(error) = tuned {
        tracing::debug!(%error, "cannot set TCP options");
    }
}

/// Serves a connection until its client closes it or the server is told to stop.
pub(super) async fn serve<H: Handler>(
    stream: TcpStream,
    connection: Connection,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
    watcher: Watcher,
) {
    let Some(tls) = tls else {
        return http1(stream, connection, shared, watcher).await;
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_LIMIT, shake_hands(&tls, stream, connection.peer)) => shaken,
        // No request has been made yet, so none is lost.
        () = told(&mut stop, Stop::Gracefully) => return,
    };
    let Ok(Some(stream)) = shaken else { return };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2(stream, connection, shared, watcher).await;
    } else {
        http1(stream, connection, shared, watcher).await;
    }
}

async fn shake_hands(tls: &TlsAcceptor, stream: TcpStream, peer: SocketAddr) -> Option<TlsStream<TcpStream>> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0].is_ascii_uppercase() => {
            refuse_plain_http(stream).await;
            return None;
        }
        _ => {}
    }
    match tls.accept(stream).await {
        Ok(stream) => Some(stream),
        Err(error) => {
            tracing::debug!(%error, %peer, "TLS handshake failed");
            None
        }
    }
}

/// A request line starts with an upper-case letter, a TLS record never does. Without this answer the client
/// would only say that the connection was closed.
async fn refuse_plain_http(mut stream: TcpStream) {
    // Whether the client still listens is its own affair.
    let _: io::Result<()> = async {
        stream.write_all(PLAIN_HTTP_ON_TLS_PORT).await?;
        stream.shutdown().await
    }
    .await;
}

async fn http1<H: Handler, S>(stream: S, connection: Connection, shared: Arc<Shared<H>>, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(Arc::clone(&shared), connection, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    ended(watcher.watch(served).await, connection.peer);
}

async fn http2<H: Handler, S>(stream: S, connection: Connection, shared: Arc<Shared<H>>, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(Arc::clone(&shared), connection, request));
    let served = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .serve_connection(TokioIo::new(stream), service);
    ended(watcher.watch(served).await, connection.peer);
}

async fn answer<H: Handler>(
    shared: Arc<Shared<H>>,
    connection: Connection,
    request: http::Request<hyper::body::Incoming>,
) -> Result<http::Response<H::Body>, Infallible> {
    let connection = connection.of_request(request.headers(), &shared.trusted_proxies);
    Ok(shared.handler.answer(connection, request).await)
}

fn ended(outcome: Result<(), hyper::Error>, peer: SocketAddr) {
    if let Err(error) = outcome {
        // Clients that go away in the middle are everyday life. Of hyper's errors only the kind is shown: none
        // of them holds headers today, and this keeps it so.
        tracing::debug!(
            timeout = error.is_timeout(),
            parse = error.is_parse(),
            incomplete = error.is_incomplete_message(),
            %peer,
            "connection ended early"
        );
    }
}
