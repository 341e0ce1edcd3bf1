//! Actions that a request needs, as policies name them: those of its operation, and those that its headers add.

use crate::request::operation::{Operation, Trait};
use http::HeaderMap;
use strongroom_sigv4::query::Query;

/// Returns the actions that the caller of a request must be allowed on its bucket or object.
pub(super) fn of(operation: &Operation, query: &Query, headers: &HeaderMap) -> Vec<&'static str> {
    let mut actions = operation.actions(query.has("versionId")).to_vec();
    let creates_object = operation.is(Trait::creates_object);
    let has = |name: &str| headers.contains_key(name);
    let locks = has("x-amz-object-lock-mode") || has("x-amz-object-lock-retain-until-date");
    let has_acl = has("x-amz-acl")
        || headers
            .keys()
            .any(|name| name.as_str().starts_with("x-amz-grant-"));
    let creates_bucket = operation.name == "CreateBucket";
    let by_headers = [
        (creates_bucket && has_acl, "s3:PutBucketAcl"),
        (
            creates_bucket && has("x-amz-object-ownership"),
            "s3:PutBucketOwnershipControls",
        ),
        (creates_object && has("x-amz-tagging"), "s3:PutObjectTagging"),
        (creates_object && has_acl, "s3:PutObjectAcl"),
        (creates_object && locks, "s3:PutObjectRetention"),
        (
            creates_object && has("x-amz-object-lock-legal-hold"),
            "s3:PutObjectLegalHold",
        ),
        (
            has("x-amz-bypass-governance-retention"),
            "s3:BypassGovernanceRetention",
        ),
    ];
    let needed = by_headers.into_iter().filter(|(needed, _)| *needed);
    actions.extend(needed.map(|(_, action)| action));
    actions
}
