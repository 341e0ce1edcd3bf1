//! What is known of the way a request came: from whom, and whether others could read it.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::settings::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const REAL_IP: &str = "x-real-ip";
const FORWARDED: &str = "forwarded";
const VIA: &str = "via";

/// The way one request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The other end of the TCP connection: the client or a proxy.
    pub(crate) peer: SocketAddr,
    /// The client, as far as it can be known.
    pub(crate) client: IpAddr,
    /// Nobody could read the request on its way: TLS to us, or to a trusted proxy that says so.
    pub(crate) secure: bool,
    /// The request was made on this machine; nothing shows that it was only passed on here.
    pub(crate) local: bool,
}

impl Connection {
    /// What the transport alone tells.
    pub(crate) fn direct(peer: SocketAddr, secure: bool) -> Self {
        let client = peer.ip().to_canonical();
        Self {
            peer,
            client,
            secure,
            local: client.is_loopback(),
        }
    }

    /// The same for one request with these headers, which are believed if they come from a trusted proxy.
    #[must_use]
    pub(crate) fn of_request(self, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        if !is_trusted(self.client) {
            // A proxy on this machine that nobody listed makes every client look local.
            let passed_on = [
                FORWARDED_FOR,
                FORWARDED_PROTO,
                FORWARDED_HOST,
                REAL_IP,
                FORWARDED,
                VIA,
            ]
            .iter()
            .any(|name| headers.contains_key(*name));
            return Self {
                local: self.local && !passed_on,
                ..self
            };
        }
        // Each proxy adds, at the end, whom it was asked by: the last one that is no proxy of ours is the client.
        // What stands before it is the client's own word.
        let hops = entries(headers, FORWARDED_FOR).collect::<Vec<_>>();
        let mut client = self.client;
        for hop in hops.into_iter().rev() {
            let Some(address) = address(hop) else { break };
            client = address;
            if !is_trusted(client) {
                break;
            }
        }
        // One hop in clear is enough to be read. A proxy that passes a request on and does not say how it got it may
        // have got it in clear; what it asks for itself comes without either header.
        let mut schemes = entries(headers, FORWARDED_PROTO).peekable();
        let secure = match schemes.peek() {
            Some(_) => schemes.all(|scheme| scheme.eq_ignore_ascii_case("https")),
            None => self.secure && !headers.contains_key(FORWARDED_FOR),
        };
        Self {
            client,
            secure,
            local: self.local && client.is_loopback(),
            ..self
        }
    }
}

/// The comma-separated entries of a header that may be sent more than once. What is not text is one entry
/// that is no address and no scheme.
fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    values.flat_map(|value| value.to_str().unwrap_or("?").split(',').map(str::trim))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests;
