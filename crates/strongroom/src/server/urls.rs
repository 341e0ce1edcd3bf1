//! URLs of the server, as clients write them.

use std::net::{IpAddr, SocketAddr};

use super::tls;
use crate::admin::endpoint::Endpoint;
use crate::settings::{Host, Listen, Settings};

/// Returns the endpoint of a server that listens on these addresses: HTTPS, and plain HTTP.
pub(crate) fn endpoint(settings: &Settings, https: Option<SocketAddr>, http: Option<SocketAddr>) -> Endpoint {
    Endpoint {
        here: match (https, http) {
            (Some(https), _) => Some(nearby("https", https)),
            (None, http) => http.map(|http| nearby("http", http)),
        },
        elsewhere: https.map_or_else(Vec::new, |https| elsewhere(&settings.hosts, https)),
        // The console alone may use TLS, which clients of S3 do not need to know.
        ca_file: tls::ca_file(settings).filter(|_| settings.https.listen != Listen::Off),
        region: settings.region.to_string(),
    }
}

/// Returns the HTTPS endpoint of S3 as the console shows it: by the first name or address of the server that is known to
/// others. `None`: S3 is not served over HTTPS.
pub(super) fn for_people(settings: &Settings) -> Option<String> {
    let Listen::On(address) = settings.https.listen else {
        return None;
    };
    let elsewhere = elsewhere(&settings.hosts, address).into_iter().next();
    Some(elsewhere.unwrap_or_else(|| nearby("https", address)))
}

/// Returns the URL for clients on this machine.
pub(super) fn nearby(scheme: &str, address: SocketAddr) -> String {
    let here = address.ip().is_unspecified() || (scheme == "https" && address.ip().is_loopback());
    let host = if here {
        "localhost".to_owned()
    } else {
        bracketed(address.ip())
    };
    url(scheme, &host, address.port())
}

/// Returns the HTTPS URLs for clients on other machines, if any can reach this server.
fn elsewhere(hosts: &[Host], address: SocketAddr) -> Vec<String> {
    if address.ip().is_loopback() {
        return Vec::new();
    }
    let url_of = |host: &Host| match host {
        Host::Name(name) => url("https", name, address.port()),
        Host::Address(ip) => url("https", &bracketed(*ip), address.port()),
    };
    hosts.iter().map(url_of).collect()
}

fn url(scheme: &str, host: &str, port: u16) -> String {
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{host}:{port}"),
    }
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests;
