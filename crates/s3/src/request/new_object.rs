//! Properties of a new object in the headers of a request: content headers, metadata, tags, locks. PUT, copies and
//! multipart uploads have the same headers.

use crate::request::extracted::ExtractedHeaders;
use crate::request::tag_header;
use crate::response::error::ErrorResponse;
use crate::response::time::instant;
use http::HeaderMap;
use std::collections::BTreeMap;
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::lock::{Lock, Retention};
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::model::settings::RetentionMode;
use strongroom_engine::model::tags::{MAX_OBJECT_TAGS, TagError, Tags};

#[cfg(test)]
mod tests;

/// Headers that are stored with an object and returned with it.
pub(crate) const CONTENT_HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// Returns the properties of the object that a request creates, with this access.
///
/// # Errors
/// The response to a header that is invalid or not supported.
pub(crate) fn new_object(
    bucket: String,
    key: String,
    access: ObjectAccess,
    headers: &HeaderMap,
    taken: &ExtractedHeaders,
) -> Result<NewObject, ErrorResponse> {
    refuse_unsupported_options(headers)?;
    Ok(NewObject {
        bucket,
        key,
        headers: content_headers(headers, taken.expires.as_deref())?,
        metadata: taken.metadata.clone(),
        tags: tags(text(headers, "x-amz-tagging").unwrap_or_default())?,
        lock: lock(headers)?,
        access,
        encryption: taken.encryption.headers(),
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the content headers of a request.
fn content_headers(
    headers: &HeaderMap,
    expires: Option<&str>,
) -> Result<BTreeMap<String, String>, ErrorResponse> {
    let mut found = BTreeMap::new();
    found.extend(expires.map(|expires| ("expires".to_owned(), expires.to_owned())));
    for name in CONTENT_HEADERS {
        let Some(value) = headers.get(name) else { continue };
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| ErrorResponse::invalid_argument(format!("The header {name} must be UTF-8 text.")))?;
        // `aws-chunked` describes the transfer, not the content.
        let value = if name == "content-encoding" && is_chunked(headers) {
            without_aws_chunked(value)
        } else {
            value.to_owned()
        };
        if !value.is_empty() {
            found.insert(name.to_owned(), value);
        }
    }
    Ok(found)
}

/// Returns whether the body of a request is aws-chunked. Another body may be content of that encoding.
fn is_chunked(headers: &HeaderMap) -> bool {
    text(headers, "x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"))
}

/// Removes `aws-chunked` from a list of encodings. The rest stays letter for letter.
fn without_aws_chunked(value: &str) -> String {
    let encodings = value
        .split(',')
        .filter(|encoding| !encoding.trim().eq_ignore_ascii_case("aws-chunked"));
    encodings.collect::<Vec<_>>().join(",").trim().to_owned()
}

/// Parses tags in the format of a query: `key=value&key=value`.
fn tags(query: &str) -> Result<Tags, ErrorResponse> {
    let malformed = || {
        ErrorResponse::invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name \
             duplicates.",
        )
        .with("ArgumentName", "x-amz-tagging")
        .with("ArgumentValue", query)
    };
    let pairs = tag_header::pairs(query).ok_or_else(malformed)?;
    Tags::new(pairs, MAX_OBJECT_TAGS).map_err(|error| match &error {
        TagError::Twice(_) => malformed(),
        TagError::Key(key) if key.is_empty() => malformed(),
        _ => ErrorResponse::of_tags(&error),
    })
}

/// Returns the lock of the new object.
fn lock(headers: &HeaderMap) -> Result<Lock, ErrorResponse> {
    let mode = text(headers, "x-amz-object-lock-mode");
    let until = text(headers, "x-amz-object-lock-retain-until-date");
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(mode), Some(until)) => Some(Retention {
            mode: RetentionMode::named(mode)
                .ok_or_else(|| ErrorResponse::invalid_argument("Unknown wormMode directive."))?,
            until: instant(until).ok_or_else(|| {
                ErrorResponse::invalid_argument("The retain until date must be provided in ISO 8601 format")
            })?,
        }),
        _ => {
            return Err(ErrorResponse::invalid_argument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            ));
        }
    };
    let legal_hold = match text(headers, "x-amz-object-lock-legal-hold") {
        None => None,
        Some("ON") => Some(true),
        Some("OFF") => Some(false),
        Some(_) => {
            return Err(ErrorResponse::invalid_argument(
                "Legal Hold must be either of 'ON' or 'OFF'",
            ));
        }
    };
    Ok(Lock {
        retention,
        legal_hold,
    })
}

/// Refuses options that are not supported. Ignoring one would break a promise to the client.
fn refuse_unsupported_options(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    if let Some(class) = text(headers, "x-amz-storage-class").filter(|class| *class != "STANDARD") {
        let error = ErrorResponse::coded(
            400,
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        );
        return Err(error.with("StorageClassRequested", class));
    }
    for (header, what) in [
        (
            "x-amz-website-redirect-location",
            "Website redirects are not implemented.",
        ),
        (
            "x-amz-write-offset-bytes",
            "Appending to objects is not implemented.",
        ),
    ] {
        if headers.contains_key(header) {
            return Err(ErrorResponse::not_implemented(what));
        }
    }
    Ok(())
}
