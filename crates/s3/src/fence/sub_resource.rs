//! Sub-resources: query parameters that name a part of a bucket or an object.
//!
//! s3s ignores a sub-resource that it knows only with other methods: it would read `DELETE /bucket/key?acl` as the
//! deletion of the object.

use crate::request::operation::{is_of_versions, is_offered, is_sub_resource};
use crate::request::query::Query;
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use http::Method;

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
    let all = query.0.iter().map(|(name, _)| name.as_str());
    let mut named = all.filter(|name| is_sub_resource(name));
    if let (Some(one), Some(other)) = (named.next(), named.next()) {
        // s3s must not guess which one is meant.
        return Err(ErrorResponse::invalid_argument(format!(
            "Conflicting query string parameters: {one}, {other}"
        )));
    }
    for (name, value) in &query.0 {
        let name = name.as_str();
        let offered = is_offered(level, name, method);
        let may_be_empty =
            MAY_BE_EMPTY.contains(&name) || name.starts_with("X-Amz-") || name.starts_with("response-");
        let is_put = level == Level::Object && *method == Method::PUT;
        if name == "uploadId" && is_put && !query.has("partNumber") {
            // s3s would store a part as the object itself.
            return Err(ErrorResponse::invalid_argument(
                "This operation does not accept a query-string with uploadId and without partNumber.",
            ));
        }
        // `partNumber` or `versionId` on an operation that ignores it.
        let is_read = level == Level::Object && [Method::GET, Method::HEAD].contains(method);
        let is_delete = level == Level::Object && *method == Method::DELETE;
        let is_part = level == Level::Object && *method == Method::PUT && query.has("uploadId");
        let of_version = level == Level::Object && query.0.iter().any(|(name, _)| is_of_versions(name));
        let misplaced = (name == "partNumber" && !is_read && !is_part)
            || (name == "versionId" && !is_read && !is_delete && !of_version);
        if !offered && (is_sub_resource(name) || misplaced || (value.is_empty() && !may_be_empty)) {
            return Err(ErrorResponse::not_implemented(format!(
                "The sub-resource {name:?} is not implemented for this request."
            )));
        }
    }
    Ok(())
}

/// Returns whether the body of a PUT to an object is content (of the object or of a part), not a document.
pub(crate) fn brings_content(query: &Query) -> bool {
    let names = query.0.iter().map(|(name, _)| name.as_str());
    names
        .into_iter()
        .all(|name| name == "uploadId" || !is_sub_resource(name))
}
