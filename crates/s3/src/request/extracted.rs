//! Headers that are taken out of a request before s3s parses it.

use crate::request::conditions;
use crate::request::encoded_words;
use crate::request::sse::Encryption;
use crate::request::trailers::Trailers;
use crate::response::error::ErrorResponse;
use http::header::EXPIRES;
use http::{HeaderMap, Method};
use s3s::dto::CopySource;
use std::collections::BTreeMap;
use strongroom_engine::model::condition::ReadConditions;

#[cfg(test)]
mod tests;

/// Header that names the source of a copy.
pub(crate) const COPY_SOURCE: &str = "x-amz-copy-source";

/// Numbers of `GetObjectAttributes`. AWS ignores one that it cannot read.
const NUMBERS: [&str; 2] = ["x-amz-max-parts", "x-amz-part-number-marker"];

/// Returns the source of a copy, parsed and decoded as the operation reads it. `None`: there is none, or the operation
/// refuses it.
pub(crate) fn copy_source(headers: &HeaderMap) -> Option<CopySource> {
    CopySource::parse(headers.get(COPY_SOURCE)?.to_str().ok()?).ok()
}

/// Headers that were taken out of a request, for its operation.
pub(crate) struct ExtractedHeaders {
    pub(crate) encryption: Encryption,
    /// Customer key of the source of a copy.
    pub(crate) source_encryption: Encryption,
    /// Conditions of a GET or HEAD. Empty for other methods.
    pub(crate) conditions: ReadConditions,
    /// Conditions on the source of a copy.
    pub(crate) source_conditions: ReadConditions,
    /// Metadata of a new object, decoded.
    pub(crate) metadata: BTreeMap<String, String>,
    /// `Expires`, which is stored unchanged, whether it is a date or not.
    pub(crate) expires: Option<String>,
    /// Trailers. Available after the body has been read.
    pub(crate) trailers: Option<Trailers>,
}

impl ExtractedHeaders {
    pub(crate) fn from(
        method: &Method,
        headers: &mut HeaderMap,
        trailers: Option<Trailers>,
    ) -> Result<Self, ErrorResponse> {
        for name in NUMBERS {
            let number = headers.get(name).and_then(|number| number.to_str().ok());
            if number.is_some_and(|number| !number.parse::<i32>().is_ok_and(|number| number >= 0)) {
                headers.remove(name);
            }
        }
        let encryption = Encryption::take(headers);
        let source_encryption = Encryption::take_of_source(headers);
        if source_encryption.has_customer_key() && !headers.contains_key(COPY_SOURCE) {
            return Err(ErrorResponse::invalid_request(
                "x-amz-copy-source-server-side-encryption-customer- headers need x-amz-copy-source.",
            ));
        }
        let is_read = [Method::GET, Method::HEAD].contains(method);
        let conditions = if is_read {
            conditions::take(headers)
        } else {
            ReadConditions::default()
        };
        let expires = match headers
            .remove(EXPIRES)
            .map(|value| value.to_str().map(str::to_owned))
        {
            Some(Err(_)) => {
                return Err(ErrorResponse::invalid_argument(
                    "The header expires must be plain ASCII text.",
                ));
            }
            Some(Ok(expires)) => Some(expires),
            None => None,
        };
        Ok(Self {
            encryption,
            source_encryption,
            conditions,
            source_conditions: conditions::take_of_source(headers),
            metadata: encoded_words::take_metadata(headers)?,
            expires,
            trailers,
        })
    }
}
