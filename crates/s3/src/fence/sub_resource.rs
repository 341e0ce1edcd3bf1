//! Sub-resources: query parameters that name a part of a bucket or an object.

use crate::request::query::Query;
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use http::Method;

#[cfg(test)]
mod tests;

/// Query parameters that name a part of a bucket or an object. s3s overlooks those it knows with another method: it
/// would take `DELETE /bucket/key?acl` for the deletion of the object.
const SUB_RESOURCES: [&str; 44] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "append",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "events",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataAnnotationTable",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "usage",
    "versioning",
    "versions",
    "website",
];

/// The sub-resources that there are operations for.
const OFFERED: [(Level, &str, &[Method]); 33] = {
    use Level::{Bucket, Object};
    use Method as M;
    [
        (Bucket, "accelerate", &[M::GET, M::PUT]),
        (Bucket, "acl", &[M::GET, M::PUT]),
        (Bucket, "analytics", &[M::GET, M::DELETE]),
        (Bucket, "cors", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "delete", &[M::POST]),
        (Bucket, "encryption", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "intelligent-tiering", &[M::GET, M::DELETE]),
        (Bucket, "inventory", &[M::GET, M::DELETE]),
        (Bucket, "lifecycle", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "location", &[M::GET]),
        (Bucket, "logging", &[M::GET, M::PUT]),
        (Bucket, "metrics", &[M::GET, M::DELETE]),
        (Bucket, "notification", &[M::GET, M::PUT]),
        (Bucket, "object-lock", &[M::GET, M::PUT]),
        (Bucket, "ownershipControls", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "policy", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "policyStatus", &[M::GET]),
        (Bucket, "publicAccessBlock", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "replication", &[M::GET, M::DELETE]),
        (Bucket, "requestPayment", &[M::GET, M::PUT]),
        (Bucket, "tagging", &[M::GET, M::PUT, M::DELETE]),
        (Bucket, "uploads", &[M::GET]),
        (Bucket, "versioning", &[M::GET, M::PUT]),
        (Bucket, "versions", &[M::GET]),
        (Bucket, "website", &[M::GET, M::DELETE]),
        (Object, "acl", &[M::GET, M::PUT]),
        (Object, "attributes", &[M::GET]),
        (Object, "encryption", &[M::PUT]),
        (Object, "legal-hold", &[M::GET, M::PUT]),
        (Object, "retention", &[M::GET, M::PUT]),
        (Object, "tagging", &[M::GET, M::PUT, M::DELETE]),
        (Object, "uploadId", &[M::GET, M::PUT, M::POST, M::DELETE]),
        (Object, "uploads", &[M::POST]),
    ]
};

/// Sub-resources of an object that a version of it has too.
const OF_VERSIONS: [&str; 6] = [
    "acl",
    "attributes",
    "encryption",
    "legal-hold",
    "retention",
    "tagging",
];

/// Parameters that are no sub-resources and may be empty.
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

/// Refuses what is not offered before s3s can take it for something else.
///
/// # Errors
/// The answer to send.
pub(crate) fn check(method: &Method, level: Level, query: &Query) -> Result<(), ErrorResponse> {
    let all = query.0.iter().map(|(name, _)| name.as_str());
    let mut named = all.filter(|name| SUB_RESOURCES.contains(name));
    if let (Some(one), Some(other)) = (named.next(), named.next()) {
        // Which of them is meant is not for s3s to guess.
        return Err(ErrorResponse::invalid_argument(format!(
            "Conflicting query string parameters: {one}, {other}"
        )));
    }
    for (name, value) in &query.0 {
        let name = name.as_str();
        let offered = OFFERED
            .iter()
            .any(|(of, n, methods)| *of == level && *n == name && methods.contains(method));
        let may_be_empty =
            MAY_BE_EMPTY.contains(&name) || name.starts_with("X-Amz-") || name.starts_with("response-");
        let is_put = level == Level::Object && *method == Method::PUT;
        if name == "uploadId" && is_put && !query.has("partNumber") {
            // s3s would take it for the object itself.
            return Err(ErrorResponse::invalid_argument(
                "This operation does not accept a query-string with uploadId and without partNumber.",
            ));
        }
        // A part, or a version, of something that is not read by it.
        let is_read = level == Level::Object && [Method::GET, Method::HEAD].contains(method);
        let is_delete = level == Level::Object && *method == Method::DELETE;
        let is_part = level == Level::Object && *method == Method::PUT && query.has("uploadId");
        let of_version = level == Level::Object && OF_VERSIONS.iter().any(|name| query.has(name));
        let misplaced = (name == "partNumber" && !is_read && !is_part)
            || (name == "versionId" && !is_read && !is_delete && !of_version);
        if !offered && (SUB_RESOURCES.contains(&name) || misplaced || (value.is_empty() && !may_be_empty)) {
            return Err(ErrorResponse::not_implemented(format!(
                "The sub-resource {name:?} is not implemented for this request."
            )));
        }
    }
    Ok(())
}

/// Whether the body of a PUT to an object is content, of the object or of a part of it, and not a document.
pub(crate) fn brings_content(query: &Query) -> bool {
    let mut sub_resources = SUB_RESOURCES.iter().filter(|name| query.has(name));
    sub_resources.all(|name| *name == "uploadId")
}
