//! Checksum headers: `x-amz-checksum-*`, `x-amz-trailer`, `x-amz-sdk-checksum-algorithm`.

use crate::request::trailers::Trailers;
use crate::response::checksum::PREFIX;
use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use strongroom_engine::Error;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};

/// Headers that have the prefix and are not checksums.
const NO_CHECKSUMS: [&str; 3] = [
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
];

/// Returns whether a request has a checksum or announces one in its trailers.
pub(crate) fn is_given(headers: &HeaderMap) -> bool {
    let mut names = headers.keys().map(http::HeaderName::as_str);
    headers.contains_key("x-amz-trailer")
        || names.any(|name| name.starts_with(PREFIX) && !NO_CHECKSUMS.contains(&name))
}

/// Returns the checksum of the body that a request has in its headers, or announces in its trailers.
///
/// # Errors
/// `InvalidRequest` for several checksums, an unknown algorithm, or an invalid value.
pub(crate) fn of_request(
    headers: &HeaderMap,
    trailers: Option<&Trailers>,
) -> Result<Option<ExpectedChecksum>, ErrorResponse> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut given = given(headers);
    let (header, second) = (given.next(), given.next());
    let trailer = text("x-amz-trailer").map(str::to_ascii_lowercase);
    if second.is_some() || (header.is_some() && trailer.is_some()) {
        return Err(several());
    }
    let requested = text("x-amz-sdk-checksum-algorithm").map(|name| {
        ChecksumAlgorithm::named(name).ok_or_else(|| {
            ErrorResponse::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.")
        })
    });
    let requested = requested.transpose()?;
    let (algorithm, value) = match (header, trailer) {
        (Some(name), _) => {
            let algorithm = algorithm(name)?;
            let value = text(name).and_then(|value| decode(algorithm, value));
            (
                algorithm,
                ExpectedValue::Known(value.ok_or_else(|| invalid(name))?),
            )
        }
        (None, Some(name)) => {
            let algorithm = algorithm(&name).map_err(|_| {
                ErrorResponse::invalid_request(
                    "The value specified in the x-amz-trailer header is not supported",
                )
            })?;
            (algorithm, after_body(algorithm, name, trailers.cloned()))
        }
        (None, None) if requested.is_some() => {
            return Err(ErrorResponse::invalid_request(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
                 were found.",
            ));
        }
        (None, None) => return Ok(None),
    };
    if requested.is_some_and(|requested| requested != algorithm) {
        return Err(ErrorResponse::invalid_request(
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
        ));
    }
    Ok(Some(ExpectedChecksum { algorithm, value }))
}

fn after_body(algorithm: ChecksumAlgorithm, name: String, trailers: Option<Trailers>) -> ExpectedValue {
    let header = name.clone();
    ExpectedValue::AfterBody(
        name,
        Box::new(move || {
            let trailers = trailers?.take()?;
            decode(algorithm, trailers.get(header)?.to_str().ok()?)
        }),
    )
}

/// Compares a document with the checksum of its request.
///
/// # Errors
/// The error response.
pub(crate) fn verify_document(
    headers: &HeaderMap,
    trailers: Option<&Trailers>,
    document: &[u8],
) -> Result<(), ErrorResponse> {
    let Some(expected) = of_request(headers, trailers)? else {
        return Ok(());
    };
    let value = match expected.value {
        ExpectedValue::Known(value) => value,
        ExpectedValue::AfterBody(trailer, value) => {
            value().ok_or_else(|| ErrorResponse::of(&Error::BadTrailer(trailer)))?
        }
    };
    if value == checksum_of(expected.algorithm, document) {
        Ok(())
    } else {
        Err(ErrorResponse::of(&Error::BadChecksum(expected.algorithm.name())))
    }
}

/// Returns the algorithm of this name.
///
/// # Errors
/// `InvalidRequest` if it is not supported.
pub(crate) fn named(name: &str) -> Result<ChecksumAlgorithm, ErrorResponse> {
    ChecksumAlgorithm::named(name).ok_or_else(|| {
        ErrorResponse::invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, \
             CRC64NVME, SHA1, SHA256]",
        )
    })
}

/// Returns the checksum that the completed object must have. The value of a COMPOSITE checksum may be followed by the
/// number of parts.
///
/// # Errors
/// `InvalidRequest` for several checksums, an unknown algorithm, or an invalid value.
pub(crate) fn of_completion(
    headers: &HeaderMap,
) -> Result<Option<(ChecksumAlgorithm, Vec<u8>)>, ErrorResponse> {
    let mut given = given(headers);
    let Some(name) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(several());
    }
    let algorithm = algorithm(name)?;
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let value = value.map(|value| value.split_once('-').map_or(value, |(value, _)| value));
    let value = value.and_then(|value| decode(algorithm, value));
    value
        .map(|value| Some((algorithm, value)))
        .ok_or_else(|| invalid(name))
}

/// Returns the names of the checksum headers of a request.
fn given(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with(PREFIX) && !NO_CHECKSUMS.contains(name))
}

fn several() -> ErrorResponse {
    ErrorResponse::invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    )
}

fn invalid(name: &str) -> ErrorResponse {
    ErrorResponse::invalid_request(format!("Value for {name} header is invalid."))
}

fn algorithm(header: &str) -> Result<ChecksumAlgorithm, ErrorResponse> {
    header
        .strip_prefix(PREFIX)
        .and_then(ChecksumAlgorithm::named)
        .ok_or_else(|| {
            ErrorResponse::invalid_request(
                "The algorithm type you specified in x-amz-checksum- header is invalid.",
            )
        })
}

/// Decodes a checksum from base64. `None`: it is invalid for this algorithm.
pub(crate) fn decode(algorithm: ChecksumAlgorithm, value: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD
        .decode(value)
        .ok()
        .filter(|bytes| bytes.len() == algorithm.length())
}
