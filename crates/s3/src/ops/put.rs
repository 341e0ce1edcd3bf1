//! PUT of an object.

use super::Operations;
use super::settings::acl;
use crate::errors::Answer;
use crate::signed::Taken;
use crate::{body, checksum};
use http::HeaderMap;
use s3s::dto::{ETag, ETagCondition, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response};
use std::collections::BTreeMap;
use strongroom_engine::condition::{EtagCondition, WriteConditions};
use strongroom_engine::put::PutObject;

/// Headers that are kept with an object and given back with it.
pub(super) const CONTENT_HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

pub(super) async fn put_object(
    operations: &Operations,
    request: S3Request<PutObjectInput>,
) -> Result<S3Response<PutObjectOutput>, Answer> {
    let S3Request {
        input,
        headers,
        extensions,
        ..
    } = request;
    let taken = Taken::of(&extensions)?;
    refuse_what_is_not_offered(&input)?;
    acl::of_new_object(operations, &input.bucket, &headers).await?;
    let length = length(&headers)?;
    check_framing(&headers)?;
    let put = PutObject {
        bucket: input.bucket,
        key: input.key,
        headers: content_headers(&headers, taken.expires.as_deref())?,
        metadata: input.metadata.unwrap_or_default().into_iter().collect(),
        encryption: taken.encryption.headers(),
        length,
        md5: body::md5_header(&headers)?,
        checksum: checksum::of_request(&headers, taken.trailers.as_ref())?,
        conditions: conditions(input.if_match, input.if_none_match.as_ref())?,
    };
    let outcome = operations
        .engine
        .put_object(put, body::of_object(input.body))
        .await
        .map_err(|error| Answer::of(&error))?;

    let mut answer = HeaderMap::new();
    taken.encryption.tell(outcome.mode, &mut answer);
    checksum::tell(&[outcome.checksum], &mut answer);
    let output = PutObjectOutput {
        e_tag: Some(ETag::Strong(outcome.etag)),
        ..PutObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, answer))
}

/// Bytes of the object: of an aws-chunked body (which often comes without a Content-Length) those within its framing.
fn length(headers: &HeaderMap) -> Result<u64, Answer> {
    let missing = || {
        Answer::coded(
            411,
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        )
    };
    let length = headers
        .get("x-amz-decoded-content-length")
        .or_else(|| headers.get("content-length"));
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .ok_or_else(missing)
}

/// The content headers of a request, those that are there.
fn content_headers(headers: &HeaderMap, expires: Option<&str>) -> Result<BTreeMap<String, String>, Answer> {
    let mut kept = BTreeMap::new();
    kept.extend(expires.map(|expires| ("expires".to_owned(), expires.to_owned())));
    for name in CONTENT_HEADERS {
        let Some(value) = headers.get(name) else { continue };
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| Answer::invalid_argument(format!("The header {name} must be UTF-8 text.")))?;
        // How the body came, not what it is.
        let value = if name == "content-encoding" {
            without_aws_chunked(value)
        } else {
            value.to_owned()
        };
        if !value.is_empty() {
            kept.insert(name.to_owned(), value);
        }
    }
    Ok(kept)
}

/// A body that says it is framed and is not read as such would be stored with its framing.
fn check_framing(headers: &HeaderMap) -> Result<(), Answer> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let says_so = text("content-encoding")
        .to_ascii_lowercase()
        .contains("aws-chunked");
    if says_so && !text("x-amz-content-sha256").starts_with("STREAMING-") {
        return Err(Answer::invalid_request(
            "Content-Encoding aws-chunked needs one of the STREAMING- values in x-amz-content-sha256.",
        ));
    }
    Ok(())
}

fn without_aws_chunked(value: &str) -> String {
    let encodings = value
        .split(',')
        .map(str::trim)
        .filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("aws-chunked"));
    encodings.collect::<Vec<_>>().join(",")
}

fn conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> Result<WriteConditions, Answer> {
    if if_none_match.is_some_and(|condition| !condition.is_any()) {
        return Err(Answer::not_implemented(
            "If-None-Match on a write takes * and nothing else.",
        ));
    }
    let must_be_new = if_none_match.is_some();
    Ok(WriteConditions {
        if_match: if_match.map(etag_condition),
        must_be_new,
    })
}

/// An option that is overlooked is a promise broken: what is asked for and not offered is refused.
fn refuse_what_is_not_offered(input: &PutObjectInput) -> Result<(), Answer> {
    let refuse = |asked: bool, what: &'static str| {
        if asked {
            Err(Answer::not_implemented(what))
        } else {
            Ok(())
        }
    };
    if let Some(class) = input
        .storage_class
        .as_ref()
        .filter(|class| class.as_str() != "STANDARD")
    {
        let answer = Answer::coded(
            400,
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        );
        return Err(answer.with("StorageClassRequested", class.as_str()));
    }
    let lock = input.object_lock_legal_hold_status.is_some()
        || input.object_lock_mode.is_some()
        || input.object_lock_retain_until_date.is_some();
    refuse(lock, "Object Lock is not implemented.")?;
    refuse(input.tagging.is_some(), "Object tagging is not implemented.")?;
    refuse(
        input.website_redirect_location.is_some(),
        "Website redirects are not implemented.",
    )?;
    refuse(
        input.write_offset_bytes.is_some(),
        "Appending to objects is not implemented.",
    )
}

fn etag_condition(condition: ETagCondition) -> EtagCondition {
    match condition {
        ETagCondition::Any => EtagCondition::Any,
        ETagCondition::ETag(etag) => EtagCondition::OneOf(vec![etag.into_value()]),
    }
}
