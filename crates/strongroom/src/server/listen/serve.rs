//! Serves one connection from its first byte to its last.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use strongroom_s3::Standing;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::handler::{Handler, Shared};
use super::wiped::Wiped;
use super::{http1, http2};
use crate::server::connection::Connection;
use crate::stop::{Stop, reached};

/// Time limit for the TLS handshake; after it the connection is dropped.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Time until TCP probes a silent peer, and interval between probes: a peer that vanished in the middle of a body
/// frees its connection permit after about two minutes.
const KEEPALIVE: TcpKeepalive = TcpKeepalive::new()
    .with_time(Duration::from_mins(1))
    .with_interval(Duration::from_secs(15));

/// Response to a client that speaks plain HTTP on the HTTPS port.
const PLAIN_HTTP_ON_TLS_PORT: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain\r\n\
    connection: close\r\n\
    content-length: 76\r\n\
    \r\n\
    This port accepts only HTTPS: use an endpoint URL that starts with https://\n";

/// Sets the TCP options of a connection. If the connection is already closed, the first read reports it.
pub(super) fn tune(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    // Responses are written in few, whole pieces; Nagle's algorithm would delay the last one by 40 ms.
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_keepalive(&KEEPALIVE));
    if let Err(error) = tuned {
        tracing::debug!(%error, "cannot set TCP options");
    }
}

/// Serves a connection until its client closes it or the server is stopped.
pub(super) async fn serve<H: Handler>(
    stream: TcpStream,
    client: (Connection, Standing),
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared<H>>,
    mut stop: watch::Receiver<Stop>,
) {
    let peer = client.0.peer;
    let Some(tls) = tls else {
        return ended(http1::serve(stream, client, shared, stop).await, peer);
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_LIMIT, shake_hands(&tls, stream, peer)) => shaken,
        // No request has been made yet, so none is lost.
        () = reached(&mut stop, Stop::Gracefully) => return,
    };
    let Ok(Some(stream)) = shaken else { return };
    let outcome = if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2::serve(stream, client, shared, stop).await
    } else {
        http1::serve(stream, client, shared, stop).await
    };
    ended(outcome, peer);
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

/// Explains the error to a client that speaks plain HTTP: otherwise it would only report a closed connection. Called
/// when the first byte is an upper-case letter: a request line starts with one, a TLS record never does.
async fn refuse_plain_http(mut stream: TcpStream) {
    // The client may have closed the connection already.
    let _: io::Result<()> = async {
        stream.write_all(PLAIN_HTTP_ON_TLS_PORT).await?;
        stream.shutdown().await
    }
    .await;
}

fn ended(outcome: Result<(), hyper::Error>, peer: SocketAddr) {
    if let Err(error) = outcome {
        // Clients often disconnect in the middle. Log only the kind of hyper's error: none contains headers today,
        // and this keeps it so.
        tracing::debug!(
            timeout = error.is_timeout(),
            parse = error.is_parse(),
            incomplete = error.is_incomplete_message(),
            %peer,
            "connection ended early"
        );
    }
}
