//! One connection from its first byte to its last.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::handler::{Handler, Shared};
use super::wiped::Wiped;
use super::{http1, http2};
use crate::server::connection::Connection;
use crate::stop::{Stop, told};

/// A client that has not finished the TLS handshake by then is let go.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
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
) {
    let Some(tls) = tls else {
        return ended(
            http1::serve(stream, connection, shared, stop).await,
            connection.peer,
        );
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_LIMIT, shake_hands(&tls, stream, connection.peer)) => shaken,
        // No request has been made yet, so none is lost.
        () = told(&mut stop, Stop::Gracefully) => return,
    };
    let Ok(Some(stream)) = shaken else { return };
    let outcome = if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2::serve(stream, connection, shared, stop).await
    } else {
        http1::serve(stream, connection, shared, stop).await
    };
    ended(outcome, connection.peer);
}

async fn shake_hands(
    tls: &TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<TlsStream<Wiped<TcpStream>>> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0].is_ascii_uppercase() => {
            refuse_plain_http(stream).await;
            return None;
        }
        _ => {}
    }
    match tls.accept(Wiped(stream)).await {
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
