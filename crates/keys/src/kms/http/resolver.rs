//! Addresses of hosts, of which some may be left out.

use hyper_util::client::legacy::connect::dns::Name;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// Decides whether a client may connect to an address.
pub(crate) type Allows = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Resolver of the system, without the addresses that are not allowed. The client connects to what it returns and to
/// nothing else, so a name that resolves to another address a moment later does not matter.
#[derive(Clone)]
pub(super) struct Resolver(pub(super) Allows);

type Resolving = Pin<Box<dyn Future<Output = io::Result<std::vec::IntoIter<SocketAddr>>> + Send>>;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Resolving;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Resolving {
        let allows = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::other(
                    "the host has no address that may be connected to",
                ));
            }
            Ok(allowed.into_iter())
        })
    }
}
