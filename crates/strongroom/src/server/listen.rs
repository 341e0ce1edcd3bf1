//! Accepts connections, speaks TLS and HTTP on them, and passes each request to a [`Handler`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use self::handler::{Handler, Shared};
use self::pace::MinRate;
use self::places::{Place, PlaceLimits, Places};
use super::connection::Connection;
use crate::settings::{Listen, Network};
use crate::stop::{Stop, reached};

mod exchanges;
pub(super) mod handler;
mod http1;
mod http2;
mod lingering;
pub(super) mod pace;
pub(super) mod places;
pub(super) mod request_body;
mod serve;
mod wiped;

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

    /// Opens the listener of the web console unless it is off.
    pub(crate) async fn console(
        listen: Listen,
        tls: Arc<rustls::ServerConfig>,
    ) -> Result<Option<Self>, ListenError> {
        let tls = Some(TlsAcceptor::from(tls));
        Self::open(listen, "console.listen", "console-listen", tls).await
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
pub(crate) struct Server<H, C> {
    pub(crate) https: Option<Listener>,
    pub(crate) http: Option<Listener>,
    pub(crate) handler: Arc<H>,
    /// The web console and its listener.
    pub(crate) console: Option<(Listener, Arc<C>)>,
    /// Proxies whose headers are trusted.
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) places: PlaceLimits,
    /// Minimum rate of requests and responses.
    pub(crate) min_rate: MinRate,
    /// Time that requests in progress get after the first stop signal.
    pub(crate) grace: Duration,
}

impl<H: Handler, C: Handler> Server<H, C> {
    /// Serves until stopped. Returns the number of connections that were cut off with a request in progress.
    pub(crate) async fn run(self, stop: watch::Receiver<Stop>) -> usize {
        let places = Places::new(self.places);
        let shared = Arc::new(Shared {
            handler: self.handler,
            trusted_proxies: self.trusted_proxies.clone(),
            min_rate: self.min_rate,
        });
        // The connections of all listeners share the places.
        let console = async {
            let Some((listener, handler)) = self.console else {
                return;
            };
            let shared = Arc::new(Shared {
                handler,
                trusted_proxies: self.trusted_proxies,
                min_rate: self.min_rate,
            });
            listener.accept_until_stopped(&places, &shared, &stop).await;
        };
        let accept = |listener: Option<Listener>| {
            let (places, shared, stop) = (&places, &shared, &stop);
            async move {
                if let Some(listener) = listener {
                    listener.accept_until_stopped(places, shared, stop).await;
                }
            }
        };
        tokio::join!(accept(self.https), accept(self.http), console);
        // All sockets are closed: new connections are refused from here on.
        let mut stop = stop;
        tokio::select! {
            () = places.all_free() => return 0,
            () = tokio::time::sleep(self.grace) => {}
            () = reached(&mut stop, Stop::Now) => {}
        }
        // Idle connections are closed by now, so each place still taken is a request.
        places.count()
    }
}

impl Listener {
    /// Accepts connections until stopped, then closes the socket.
    async fn accept_until_stopped<H: Handler>(
        self,
        places: &Arc<Places>,
        shared: &Arc<Shared<H>>,
        stop: &watch::Receiver<Stop>,
    ) {
        let mut stopped = stop.clone();
        loop {
            let (stream, peer, place) = tokio::select! {
                biased;
                () = reached(&mut stopped, Stop::Gracefully) => return,
                accepted = self.accept(places) => accepted,
            };
            let connection = Connection::direct(peer, self.tls.is_some());
            let served = serve::serve(
                stream,
                (connection, place.standing.clone()),
                self.tls.clone(),
                Arc::clone(shared),
                stop.clone(),
            );
            tokio::spawn(async move {
                tokio::select! {
                    () = served => {}
                    () = place.evicted() => tracing::debug!(%peer, "closed a connection to make room"),
                }
                drop(place);
            });
        }
    }

    /// Returns the next connection, once there is a place for it.
    async fn accept(&self, places: &Arc<Places>) -> (TcpStream, SocketAddr, Place) {
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    // Take the place second: an idle listener must not hold one back from the other listener.
                    if let Some(place) = places.admit(peer.ip()).await {
                        serve::tune(&stream);
                        return (stream, peer, place);
                    }
                    tracing::debug!(%peer, "refused a connection: its address has its share of the places");
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
