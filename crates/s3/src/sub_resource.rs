//! Sub-resources: query parameters that name a part of a bucket or an object.

use crate::errors::Answer;
use crate::fence::Query;
use crate::host::Hosts;
use http::header::HOST;
use http::{Method, Request, Version};
use percent_encoding::percent_decode_str;
use s3s::Body;

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
const OFFERED: [(Method, Level, &str); 19] = [
    (Method::GET, Level::Bucket, "location"),
    (Method::GET, Level::Bucket, "versioning"),
    (Method::GET, Level::Bucket, "encryption"),
    (Method::GET, Level::Bucket, "uploads"),
    (Method::GET, Level::Bucket, "versions"),
    (Method::POST, Level::Bucket, "delete"),
    (Method::GET, Level::Object, "attributes"),
    (Method::GET, Level::Object, "legal-hold"),
    (Method::PUT, Level::Object, "legal-hold"),
    (Method::GET, Level::Object, "retention"),
    (Method::PUT, Level::Object, "retention"),
    (Method::GET, Level::Object, "tagging"),
    (Method::PUT, Level::Object, "tagging"),
    (Method::DELETE, Level::Object, "tagging"),
    (Method::POST, Level::Object, "uploads"),
    (Method::GET, Level::Object, "uploadId"),
    (Method::PUT, Level::Object, "uploadId"),
    (Method::POST, Level::Object, "uploadId"),
    (Method::DELETE, Level::Object, "uploadId"),
];

/// Sub-resources of an object that a version of it has too.
const OF_VERSIONS: [&str; 4] = ["attributes", "legal-hold", "retention", "tagging"];

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

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Service,
    Bucket,
    Object,
}

/// Refuses what is not offered before s3s can take it for something else.
///
/// # Errors
/// The answer to send.
pub(crate) fn check(method: &Method, level: Level, query: &Query) -> Result<(), Answer> {
    for (name, value) in &query.0 {
        let name = name.as_str();
        let offered = OFFERED
            .iter()
            .any(|(m, l, n)| m == method && *l == level && *n == name);
        let may_be_empty =
            MAY_BE_EMPTY.contains(&name) || name.starts_with("X-Amz-") || name.starts_with("response-");
        // A part, or a version, of something that is not read by it.
        let is_read = level == Level::Object && [Method::GET, Method::HEAD].contains(method);
        let is_delete = level == Level::Object && *method == Method::DELETE;
        let is_part = level == Level::Object && *method == Method::PUT && query.has("uploadId");
        let of_version = level == Level::Object && OF_VERSIONS.iter().any(|name| query.has(name));
        let misplaced = (name == "partNumber" && !is_read && !is_part)
            || (name == "versionId" && !is_read && !is_delete && !of_version);
        if !offered && (SUB_RESOURCES.contains(&name) || misplaced || (value.is_empty() && !may_be_empty)) {
            return Err(Answer::not_implemented(format!(
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

impl Level {
    /// By path, or in virtual-host style by host and path.
    pub(crate) fn of(hosts: &Hosts, request: &Request<Body>) -> Self {
        // As s3s reads them: the authority counts in HTTP/2 only, and the path is decoded before it is cut.
        let in_authority = request
            .uri()
            .authority()
            .filter(|_| request.version() >= Version::HTTP_2);
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or(in_authority.map(http::uri::Authority::as_str));
        let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
        let path = path.strip_prefix('/').unwrap_or_default();
        if host.is_some_and(|host| hosts.bucket(host).is_some()) {
            return if path.is_empty() {
                Self::Bucket
            } else {
                Self::Object
            };
        }
        match path.split_once('/') {
            None if path.is_empty() => Self::Service,
            None | Some((_, "")) => Self::Bucket,
            Some(_) => Self::Object,
        }
    }
}
