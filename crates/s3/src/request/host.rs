//! Host names. Virtual-host style is `bucket.host`; an unknown host or an IP address means path style.

use crate::request::transport::Transport;
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Characters that are not percent-encoded in addresses and in listings with `encoding-type=url`: unreserved
/// characters (RFC 3986) and the slash.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Host names whose subdomains are buckets. A clone shares them: each request makes one.
#[derive(Clone)]
pub(crate) struct Hosts {
    hosts: Arc<[String]>,
}

impl Hosts {
    pub(crate) fn new(hosts: &[String]) -> Self {
        let lower = hosts
            .iter()
            .map(|host| host.trim_end_matches('.').to_ascii_lowercase());
        let mut hosts: Vec<String> = lower.chain(["localhost".to_owned()]).collect();
        // Longest first: if one host is a subdomain of another, the inner one is meant.
        hosts.sort_by_key(|host| std::cmp::Reverse(host.len()));
        Self { hosts: hosts.into() }
    }
}

impl Hosts {
    /// Returns the bucket in a `Host` header. `None`: path style.
    pub(crate) fn bucket(&self, host: &str) -> Option<String> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        for base in &*self.hosts {
            if name == *base {
                return None;
            }
            if let Some(bucket) = name
                .strip_suffix(base.as_str())
                .and_then(|rest| rest.strip_suffix('.'))
            {
                return Some(bucket.to_owned());
            }
        }
        None
    }
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let virtual_host = VirtualHost::new(host);
        Ok(match self.bucket(host) {
            Some(bucket) => virtual_host.with_bucket(bucket),
            None => virtual_host,
        })
    }
}

/// Returns the URL of an object in path style. The host is that of the request: from the `Host` header or, in HTTP/2,
/// from the address.
pub(crate) fn address(
    transport: Transport,
    headers: &HeaderMap,
    uri: &Uri,
    bucket: &str,
    key: &str,
) -> String {
    let scheme = if transport.secure { "https" } else { "http" };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host
        .or(uri.authority().map(Authority::as_str))
        .unwrap_or_default();
    // In virtual-host style the host begins with the bucket.
    let host = host.strip_prefix(&format!("{bucket}.")).unwrap_or(host);
    format!("{scheme}://{host}/{bucket}/{}", utf8_percent_encode(key, ENCODED))
}
