//! Properties of the connection that a request came over: its client, and whether others could read it.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::settings::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const REAL_IP: &str = "x-real-ip";
const FORWARDED: &str = "forwarded";
const VIA: &str = "via";

/// Connection of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The other end of the TCP connection: the client or a proxy.
    pub(crate) peer: SocketAddr,
    /// The client's address, as far as it is known.
    pub(crate) client: IpAddr,
    /// True if nobody on the network could read the request: it used TLS to this server, or to a trusted proxy that
    /// says so.
    pub(crate) secure: bool,
    /// True if the request comes from this machine and there is no sign that it was forwarded.
    pub(crate) local: bool,
}

impl Connection {
    /// Returns the properties that follow from the transport alone.
    pub(crate) fn direct(peer: SocketAddr, secure: bool) -> Self {
        let client = peer.ip().to_canonical();
        Self {
            peer,
            client,
            secure,
            local: client.is_loopback(),
        }
    }

    /// Returns the properties of a request with these headers, which are used if they come from a trusted proxy.
    #[must_use]
    pub(crate) fn of_request(self, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        if !is_trusted(self.client) {
            // A proxy on this machine that is not in the list makes every client look local.
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
        // Each proxy appends the address that it was called from, so the last address that is not a trusted proxy is
        // the client. Addresses before it are claims of the client itself.
        let hops = entries(headers, FORWARDED_FOR).collect::<Vec<_>>();
        let mut client = self.client;
        for hop in hops.into_iter().rev() {
            let Some(address) = address(hop) else { break };
            client = address;
            if !is_trusted(client) {
                break;
            }
        }
        // One unencrypted hop is enough for others to read the request. A proxy that forwards a request without saying
        // how it received it may have received it unencrypted; requests of the proxy itself have neither header.
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

/// Returns the comma-separated entries of a header that may occur more than once. A value that is not text yields one
/// entry that is neither an address nor a scheme.
fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    values.flat_map(|value| value.to_str().unwrap_or("?").split(',').map(str::trim))
}

/// Parses `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
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
