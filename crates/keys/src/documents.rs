//! HTTP client for the public documents of identity providers, whose addresses tenants choose: it connects to public
//! addresses only, unless the operator allows others.

use crate::kms::http::{Allows, Http, SetupError, roots};
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{Request, Uri};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Maximum length of a document in bytes: a hundred keys with their certificates.
const MAX_DOCUMENT: usize = 256 * 1024;

/// Client of identity providers.
pub struct DocumentClient {
    http: Http,
    allows: Allows,
}

/// A document that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedDocument {
    /// Text of the document.
    pub body: Vec<u8>,
    /// Value of the header `Cache-Control`.
    pub cache_control: Option<String>,
}

impl DocumentClient {
    /// Creates a client that trusts the authorities of the system and those in `ca_file`. `allows` decides about
    /// addresses that are not public.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(
        ca_file: Option<&Path>,
        allows: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Result<Self, SetupError> {
        let allows: Allows = Arc::new(move |address| is_public(address) || allows(address.to_canonical()));
        let http = Http::limited(roots(ca_file)?, Arc::clone(&allows))?;
        Ok(Self { http, allows })
    }

    /// Fetches a document. Redirects are not followed: they are an error.
    ///
    /// # Errors
    /// The reason: the address is not one, not allowed or not reachable, the status is not 200, the document is too long
    /// or late.
    pub async fn fetch(&self, url: &str) -> Result<FetchedDocument, String> {
        let address: Uri = url.parse().map_err(|_| format!("{url:?} is not a URL"))?;
        let host = address.host().ok_or_else(|| format!("{url:?} has no host"))?;
        // The client asks the resolver for names only.
        let literal = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        if literal.is_ok_and(|address| !(self.allows)(address)) {
            return Err(format!("{host} is not an address that may be connected to"));
        }
        let request = Request::get(address)
            .header(ACCEPT, "application/json")
            .body(Zeroizing::new(Vec::new()))
            .map_err(|error| error.to_string())?;
        let response = self.http.send(request).await.map_err(|error| error.to_string())?;
        if response.status != 200 {
            return Err(format!(
                "{url} answered with the status {}",
                response.status.as_u16()
            ));
        }
        if response.body.len() > MAX_DOCUMENT {
            return Err(format!("{url} is longer than {} KiB", MAX_DOCUMENT / 1024));
        }
        let cache_control = response.headers.get(CACHE_CONTROL);
        Ok(FetchedDocument {
            cache_control: cache_control
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            body: response.body.to_vec(),
        })
    }
}

/// Returns whether an address belongs to the public internet. (IANA IPv4 and IPv6 Special-Purpose Address Registries.)
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = matches!(
        address.octets(),
        [0 | 10 | 127 | 224.., ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    );
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // NAT64 and 6to4 lead to the IPv4 address that they contain.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] = segments {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Teredo and other protocol assignments, and documentation.
    let is_special = matches!(
        segments,
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..]
    );
    // Global unicast addresses; all others are special or not assigned.
    matches!(segments, [0x2000..=0x3fff, ..]) && !is_special
}
