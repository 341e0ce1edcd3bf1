//! Sub-resources: query parameters that name a part of a bucket or an object.
//!
//! s3s ignores a sub-resource that it knows only with other methods: it would read `DELETE /bucket/key?acl` as the
//! deletion of the object.

use crate::request::hoisted;
use crate::request::operation::{is_of_buckets_only, is_of_versions, is_offered, is_sub_resource};
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use http::Method;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature;

#[cfg(test)]
mod tests;

/// Query parameters that are not sub-resources and may be empty.
const MAY_BE_EMPTY: [&str; 20] = [
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-buckets",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "partNumber",
    "prefix",
    "start-after",
    "upload-id-marker",
    "versionId",
    "version-id-marker",
    "x-id",
];

/// Refuses unsupported sub-resources before s3s reads the request as another operation.
///
/// # Errors
/// `NotImplemented`; `InvalidArgument` for contradictory parameters.
pub(crate) fn check(method: &Method, level: Level, query: &Query) -> Result<(), ErrorResponse> {
    let names = || query.pairs().iter().map(|(name, _)| name.as_str());

    // Contradictory parameters: s3s must not guess which one is meant.
    let mut sub_resources = names().filter(|name| is_sub_resource(name));
    if let (Some(one), Some(other)) = (sub_resources.next(), sub_resources.next()) {
        return Err(ErrorResponse::invalid_argument(format!(
            "Conflicting query string parameters: {one}, {other}"
        )));
    }

    // Sub-resources and parameters that no operation with this method reads.
    let of_object = |methods: &[Method]| level == Level::Object && methods.contains(method);
    let is_put = of_object(&[Method::PUT]);
    let is_read = of_object(&[Method::GET, Method::HEAD]);
    let reads_part = is_read || (is_put && query.has("uploadId"));
    let reads_version =
        is_read || of_object(&[Method::DELETE]) || (level == Level::Object && names().any(is_of_versions));
    for (name, value) in query.pairs() {
        let name = name.as_str();
        if name == "uploadId" && is_put && !query.has("partNumber") {
            // s3s would store a part as the object itself.
            return Err(ErrorResponse::invalid_argument(
                "This operation does not accept a query-string with uploadId and without partNumber.",
            ));
        }
        let misplaced = (name == "partNumber" && !reads_part) || (name == "versionId" && !reads_version);
        let may_be_empty = MAY_BE_EMPTY.contains(&name) || is_amz(name) || name.starts_with("response-");
        let unknown = is_sub_resource(name) || misplaced || (value.is_empty() && !may_be_empty);
        if level == Level::Object && method == Method::GET && is_of_buckets_only(name, method) {
            return Err(ErrorResponse::invalid_request(format!(
                "There is no such thing as the ?{name} sub-resource for a key"
            )));
        }
        if unknown && !is_offered(level, name, method) {
            return Err(ErrorResponse::not_implemented(format!(
                "The sub-resource {name:?} is not implemented for this request."
            )));
        }
    }
    Ok(())
}

/// Returns whether a parameter belongs to a signature or is a header.
fn is_amz(name: &str) -> bool {
    signature::is_of_signature(name) || hoisted::header_name(name).is_some()
}

/// Returns whether the body of a PUT to an object is content (of the object or of a part), not a document.
pub(crate) fn body_is_content(query: &Query) -> bool {
    let names = query.pairs().iter().map(|(name, _)| name.as_str());
    names
        .into_iter()
        .all(|name| name == "uploadId" || !is_sub_resource(name))
}
