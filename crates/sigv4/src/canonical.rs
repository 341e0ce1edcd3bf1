//! The texts that a signature is calculated from.
//! (AWS IAM User Guide, "Create a signed AWS API request", steps 1 to 3.)

use crate::head::Head;
use crate::query::Query;
use crate::signature::{ALGORITHM, Signature};
use aws_lc_rs::digest::{SHA256, digest};
use http::header::HOST;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

#[cfg(test)]
mod tests;

/// Payload line of a request whose signature covers no body.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Texts of a signature.
pub struct SignedTexts {
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign, which has the hash of the canonical request.
    pub string_to_sign: String,
}

impl SignedTexts {
    /// Writes the texts of a request. `date`: the time of the signature in the form of `x-amz-date`. `payload`: the
    /// SHA-256 of the body in hex, or the word in its place.
    ///
    /// The path is encoded once, as S3 does it. Other services encode it twice, which makes no difference for the path
    /// `/` of IAM and STS.
    pub fn of(head: Head<'_>, query: &Query, signature: &Signature, date: &str, payload: &str) -> Self {
        let mut lines = vec![
            head.method.to_string(),
            canonical_path(head.uri.path()),
            canonical_query(query),
        ];
        let mut names: Vec<&str> = signature.headers.iter().map(String::as_str).collect();
        names.sort_unstable();
        lines.extend(
            names
                .iter()
                .map(|name| format!("{name}:{}", canonical_value(head, name))),
        );
        lines.extend([String::new(), signature.headers.join(";"), payload.to_owned()]);
        let canonical_request = lines.join("\n");
        let hash = hex::encode(digest(&SHA256, canonical_request.as_bytes()));
        let scope = signature.scope();
        Self {
            canonical_request,
            string_to_sign: format!("{ALGORITHM}\n{date}\n{scope}\n{hash}"),
        }
    }
}

fn canonical_path(path: &str) -> String {
    let path = percent_decode_str(path).decode_utf8_lossy();
    utf8_percent_encode(&path, PATH).to_string()
}

/// Writes the parameters sorted by name, then by value, without the signature itself.
fn canonical_query(query: &Query) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let pairs = query.pairs().iter().filter(|(name, _)| name != "X-Amz-Signature");
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| [name, value].join("="))
        .collect();
    pairs.join("&")
}

/// Writes the values of a header in one line, with single spaces.
fn canonical_value(head: Head<'_>, name: &str) -> String {
    let values = head.headers.get_all(name).iter();
    let mut values: Vec<String> = values
        .map(|value| single_spaces(&String::from_utf8_lossy(value.as_bytes())))
        .collect();
    if values.is_empty() && name == HOST.as_str() {
        values.extend(head.authority().map(single_spaces));
    }
    values.join(",")
}

fn single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
