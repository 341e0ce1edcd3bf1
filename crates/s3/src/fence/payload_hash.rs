//! `x-amz-content-sha256`: what a signature covers of the body.

use crate::request::payload::Payload;
use crate::response::error::ErrorResponse;
use http::HeaderMap;

#[cfg(test)]
mod tests;

pub(crate) const NAME: &str = "x-amz-content-sha256";
/// Values for bodies in chunks that are signed with elliptic curves.
const ASYMMETRIC: [&str; 2] = [
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
];

/// Returns what the signature covers. Signed in the header, a request must have a value.
///
/// # Errors
/// `InvalidRequest` if there is none; `InvalidArgument` for a value that is neither a word of the specification nor a
/// hash; `NotImplemented`.
pub(crate) fn check(headers: &HeaderMap, presigned: bool) -> Result<Payload, ErrorResponse> {
    let Some(value) = headers.get(NAME) else {
        return if presigned {
            Ok(Payload::Unsigned)
        } else {
            Err(
                ErrorResponse::invalid_request(format!("Missing required header for this request: {NAME}"))
                    .with(
                        "Hint",
                        "With curl --aws-sigv4, add -H \"x-amz-content-sha256: UNSIGNED-PAYLOAD\".",
                    ),
            )
        };
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    if ASYMMETRIC.contains(&&*value) {
        return Err(ErrorResponse::not_implemented(
            "Signatures with elliptic curves (AWS4-ECDSA-P256-SHA256) are not implemented.",
        ));
    }
    read(&value).ok_or_else(|| {
        ErrorResponse::invalid_argument(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
             STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid \
             sha256 value.",
        )
        .with("ArgumentName", NAME)
        .with("ArgumentValue", &*value)
    })
}

/// Reads a word of the specification or a hash in lower-case digits. `None`: it is neither.
fn read(value: &str) -> Option<Payload> {
    match value {
        "UNSIGNED-PAYLOAD" => Some(Payload::Unsigned),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Payload::Chunked { signed: false }),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
            Some(Payload::Chunked { signed: true })
        }
        _ => {
            let mut hash = [0; 32];
            let is_lower = !value.bytes().any(|digit| digit.is_ascii_uppercase());
            (is_lower && hex::decode_to_slice(value, &mut hash).is_ok()).then_some(Payload::Hash(hash))
        }
    }
}
