//! `x-amz-content-sha256`: what a signature covers of the body.

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
const WORDS: [&str; 4] = [
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
];

/// Refuses values that say nothing. Signed in the header, a request must have one.
///
/// # Errors
/// `InvalidRequest` if there is none; `InvalidArgument` for a value that is neither a word of the specification nor a
/// hash; `NotImplemented`.
pub(crate) fn check(headers: &HeaderMap, presigned: bool) -> Result<(), ErrorResponse> {
    let Some(value) = headers.get(NAME) else {
        return if presigned {
            Ok(())
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
    let is_hash = value.len() == 64
        && value
            .bytes()
            .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    if is_hash || WORDS.contains(&&*value) {
        return Ok(());
    }
    Err(ErrorResponse::invalid_argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
         STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
         STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 \
         value.",
    )
    .with("ArgumentName", NAME)
    .with("ArgumentValue", value))
}
