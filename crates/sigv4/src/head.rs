//! Heads of requests.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri, Version};

/// Head of a request: everything but the body.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// Method.
    pub method: &'a Method,
    /// Address, as sent.
    pub uri: &'a Uri,
    /// Version of HTTP.
    pub version: Version,
    /// Headers.
    pub headers: &'a HeaderMap,
}

impl<'a, B> From<&'a Request<B>> for Head<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
        }
    }
}

impl<'a> From<&'a Parts> for Head<'a> {
    fn from(head: &'a Parts) -> Self {
        Self {
            method: &head.method,
            uri: &head.uri,
            version: head.version,
            headers: &head.headers,
        }
    }
}

impl<'a> Head<'a> {
    /// Returns whether the request has a header. HTTP/2 sends the host in the address.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name) || (name == HOST.as_str() && self.authority().is_some())
    }

    /// Returns the host that HTTP/2 sends in the address.
    pub(crate) fn authority(&self) -> Option<&'a str> {
        let authority = self.uri.authority().filter(|_| self.version >= Version::HTTP_2)?;
        Some(authority.as_str())
    }
}
