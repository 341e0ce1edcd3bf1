//! The texts that a signature is calculated from, for the error document of a wrong one: with them, a client's author
//! finds the difference. s3s, which checks signatures, does not return them.

use crate::request::query::Query;
use crate::request::signature::Signature;
use crate::request::sse;
use crate::response::shown;
use aws_lc_rs::digest::{SHA256, digest};
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::sync::Arc;

#[cfg(test)]
mod tests;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The head of a request, as it was signed.
pub(crate) struct SignedHead {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    signature: Arc<Signature>,
}

impl SignedHead {
    /// Copies the head, because s3s takes the request and returns nothing of one that it refuses.
    pub(crate) fn of<B>(request: &Request<B>, signature: &Arc<Signature>) -> Self {
        Self {
            signature: Arc::clone(signature),
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        }
    }

    /// Returns the texts as elements of an error document. The canonical request is left out if it may contain a customer
    /// key by mistake: if it has encryption headers, or a value that looks like one.
    pub(crate) fn elements(&self) -> Vec<(&'static str, String)> {
        let Some((string_to_sign, canonical)) = self.texts() else {
            return Vec::new();
        };
        let mut elements = vec![
            ("StringToSign", string_to_sign.clone()),
            ("StringToSignBytes", bytes(&string_to_sign)),
        ];
        if !self.may_have_key() {
            elements.push(("CanonicalRequestBytes", bytes(&canonical)));
            elements.push(("CanonicalRequest", canonical));
        }
        elements
    }

    fn may_have_key(&self) -> bool {
        let in_header = |(name, value): (&HeaderName, &HeaderValue)| {
            let is_of_signature = [AUTHORIZATION.as_str(), "x-amz-content-sha256"].contains(&name.as_str());
            let value = String::from_utf8_lossy(value.as_bytes());
            sse::is_about_encryption(name.as_str())
                || shown::may_have_key(name.as_str())
                || (!is_of_signature && shown::may_have_key(&value))
        };
        let in_query = |(name, value): &(String, String)| {
            let is_of_signature = ["X-Amz-Signature", "X-Amz-Credential"].contains(&name.as_str());
            shown::may_have_key(name) || (!is_of_signature && shown::may_have_key(value))
        };
        self.headers.iter().any(in_header) || Query::read(&self.uri).0.iter().any(in_query)
    }

    /// Returns the string to sign and the canonical request.
    fn texts(&self) -> Option<(String, String)> {
        let query = Query::read(&self.uri);
        let text = |name: &str| self.headers.get(name)?.to_str().ok();
        let signature = &*self.signature;
        let date = query.get("X-Amz-Date").or_else(|| text("x-amz-date"))?;
        let scope = signature.scope();

        let path = percent_decode_str(self.uri.path()).decode_utf8_lossy();
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let pairs = query.0.iter().filter(|(name, _)| name != "X-Amz-Signature");
        let mut pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.sort();
        let mut names: Vec<&str> = signature.headers.iter().map(String::as_str).collect();
        names.sort_unstable();
        let mut lines = vec![
            self.method.to_string(),
            utf8_percent_encode(&path, PATH).to_string(),
            pairs.join("&"),
        ];
        for name in names {
            let authority = || self.uri.authority().filter(|_| name == HOST.as_str());
            let value = self
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()));
            let value = value
                .or_else(|| Some(authority()?.as_str().into()))
                .unwrap_or_default();
            let words: Vec<&str> = value.split_whitespace().collect();
            lines.push(format!("{name}:{}", words.join(" ")));
        }
        let payload = text("x-amz-content-sha256").filter(|_| !signature.presigned);
        lines.extend([
            String::new(),
            signature.headers.join(";"),
            payload.unwrap_or("UNSIGNED-PAYLOAD").to_owned(),
        ]);
        let canonical = lines.join("\n");
        let hash = hex::encode(digest(&SHA256, canonical.as_bytes()));
        Some((format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}"), canonical))
    }
}

/// Writes the bytes of a text in hexadecimal, as AWS does.
fn bytes(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
