//! Accepts connections, speaks TLS and HTTP on them, and passes each request to a [`Handler`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use self::handler::{Handler, Shared};
use super::connection::Connection;
use crate::settings::{Listen, Network};
use crate::stop::{Stop, reached};

pub(super) mod handler;
mod http1;
mod http2;
mod lingering;
pub(super) mod request_body;
mod serve;
mod wiped;

/// Maximum number of open connections, HTTPS and HTTP together; more wait in the listening socket's queue until one
/// ends. 4096 keep both cores of a small machine more than busy and cost about 100 MiB of buffers.
pub(crate) const MAX_CONNECTIONS: usize = 4096;

/// Pause after a failed `accept`, which mostly means that no file descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Reasons why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error(
        "another program already listens on {address}; stop it, or choose another port with {setting} (--{flag})"
    )]
    InUse {
        address: SocketAddr,
        setting: &'static str,
        flag: &'static str,
    },
    #[error(
        "this user may not listen on {address}: ports below 1024 are reserved; choose a higher port with {setting} \
         (--{flag}), or grant the capability CAP_NET_BIND_SERVICE"
    )]
    Forbidden {
        address: SocketAddr,
        setting: &'static str,
        flag: &'static str,
    },
    #[error("{address} is not an address of this machine; correct {setting} (--{flag})")]
    NotHere {
        address: SocketAddr,
        setting: &'static str,
        flag: &'static str,
    },
    #[error("cannot listen on {address} ({setting})")]
    Other {
        address: SocketAddr,
        setting: &'static str,
        source: io::Error,
    },
}

/// An open listening socket.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Opens the HTTPS listener unless it is off.
    pub(crate) async fn https(
        listen: Listen,
        tls: Arc<rustls::ServerConfig>,
    ) -> Result<Option<Self>, ListenError> {
        Self::open(
            listen,
            "https.listen",
            "https-listen",
            Some(TlsAcceptor::from(tls)),
        )
        .await
    }

    /// Opens the plain HTTP listener unless it is off.
    pub(crate) async fn http(listen: Listen) -> Result<Option<Self>, ListenError> {
        Self::open(listen, "http.listen", "http-listen", None).await
    }

    async fn open(
        listen: Listen,
        setting: &'static str,
        flag: &'static str,
        tls: Option<TlsAcceptor>,
    ) -> Result<Option<Self>, ListenError> {
        let Listen::On(address) = listen else {
            return Ok(None);
        };
        let opened = match TcpListener::bind(address).await {
            Ok(socket) => socket.local_addr().map(|address| Self { socket, address, tls }),
            Err(error) => Err(error),
        };
        opened.map(Some).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse {
                address,
                setting,
                flag,
            },
            io::ErrorKind::PermissionDenied => ListenError::Forbidden {
                address,
                setting,
                flag,
            },
            io::ErrorKind::AddrNotAvailable => ListenError::NotHere {
                address,
                setting,
                flag,
            },
            _ => ListenError::Other {
                address,
                setting,
                source,
            },
        })
    }

    /// Returns the listening address, with the actual port if 0 was requested.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Configuration of [`Server::run`].
pub(crate) struct Server<H> {
    pub(crate) https: Option<Listener>,
    pub(crate) http: Option<Listener>,
    pub(crate) handler: Arc<H>,
    /// Proxies whose headers are trusted.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Maximum number of open connections.
    pub(crate) max_connections: usize,
    /// Time that requests in progress get after the first stop signal.
    pub(crate) grace: Duration,
}

impl<H: Handler> Server<H> {
    /// Serves until stopped. Returns the number of connections that were cut off with a request in progress.
    pub(crate) async fn run(self, stop: watch::Receiver<Stop>) -> usize {
        let permits = Arc::new(Semaphore::new(self.max_connections));
        let shared = Arc::new(Shared {
            handler: self.handler,
            trusted_proxies: self.trusted_proxies,
        });
        let accept = |listener: Option<Listener>| {
            let (permits, shared, stop) = (&permits, &shared, &stop);
            async move {
                if let Some(listener) = listener {
                    listener.accept_until_stopped(permits, shared, stop).await;
                }
            }
        };
        tokio::join!(accept(self.https), accept(self.http));
        // Both sockets are closed: new connections are refused from here on.
        let mut stop = stop;
        let all = u32::try_from(self.max_connections).unwrap_or(u32::MAX);
        tokio::select! {
            _ = permits.acquire_many(all) => return 0,
            () = tokio::time::sleep(self.grace) => {}
            () = reached(&mut stop, Stop::Now) => {}
        }
        // Idle connections are closed by now, so each permit still in use is a request.
        self.max_connections - permits.available_permits()
    }
}

impl Listener {
    /// Accepts connections until stopped, then closes the socket.
    async fn accept_until_stopped<H: Handler>(
        self,
        permits: &Arc<Semaphore>,
        shared: &Arc<Shared<H>>,
        stop: &watch::Receiver<Stop>,
    ) {
        let mut stopped = stop.clone();
        loop {
            let (stream, peer, permit) = tokio::select! {
                biased;
                () = reached(&mut stopped, Stop::Gracefully) => return,
                accepted = self.accept(permits) => accepted,
            };
            let connection = Connection::direct(peer, self.tls.is_some());
            let served = serve::serve(
                stream,
                connection,
                self.tls.clone(),
                Arc::clone(shared),
                stop.clone(),
            );
            tokio::spawn(async move {
                served.await;
                drop(permit);
            });
        }
    }

    /// Returns the next connection, once there is a permit for it.
    async fn accept(&self, permits: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    // Take the permit second: an idle listener must not hold one back from the other listener.
                    if let Ok(permit) = Arc::clone(permits).acquire_owned().await {
                        serve::tune(&stream);
                        return (stream, peer, permit);
                    }
                }
                // The client gave up while it was in the queue.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, address = %self.address, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
