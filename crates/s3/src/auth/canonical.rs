//! The texts that a signature is calculated from, for the error document of a wrong one: with them, a client's author
//! finds the difference. s3s, which checks signatures, does not return them.

use crate::request::sse;
use crate::response::shown;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};
use std::sync::Arc;
use strongroom_sigv4::canonical::{SignedTexts, UNSIGNED_PAYLOAD};
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature::Signature;

#[cfg(test)]
mod tests;

/// The head of a request, as it was signed.
pub(crate) struct SignedHead {
    method: Method,
    uri: Uri,
    version: Version,
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
            version: request.version(),
            headers: request.headers().clone(),
        }
    }

    /// Returns the texts as elements of an error document. The canonical request is left out if it may contain a customer
    /// key by mistake: if it has encryption headers, or a value that looks like one.
    pub(crate) fn elements(&self) -> Vec<(&'static str, String)> {
        let Some(SignedTexts {
            canonical_request: canonical,
            string_to_sign,
        }) = self.texts()
        else {
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
        self.headers.iter().any(in_header) || Query::read(&self.uri).pairs().iter().any(in_query)
    }

    fn texts(&self) -> Option<SignedTexts> {
        let query = Query::read(&self.uri);
        let text = |name: &str| self.headers.get(name)?.to_str().ok();
        let signature = &*self.signature;
        let date = query.get("X-Amz-Date").or_else(|| text("x-amz-date"))?;
        let payload = text("x-amz-content-sha256").filter(|_| !signature.presigned);
        let head = Head {
            method: &self.method,
            uri: &self.uri,
            version: self.version,
            headers: &self.headers,
        };
        let payload = payload.unwrap_or(UNSIGNED_PAYLOAD);
        Some(SignedTexts::of(head, &query, signature, date, payload))
    }
}

/// Writes the bytes of a text in hexadecimal, as AWS does.
fn bytes(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
