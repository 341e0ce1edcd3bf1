//! PUT of an object.

use crate::ops::bucket_settings::bucket_settings;
use crate::ops::settings::acl;
use crate::request::body;
use crate::request::buffers::OF_UPLOAD;
use crate::request::checksum;
use crate::request::context::Permitted;
use crate::request::new_object::new_object;
use crate::request::target::written_version;
use crate::response::checksum::write_checksum_headers;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::expiration;
use http::HeaderMap;
use s3s::dto::{ETag, ETagCondition, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response};
use strongroom_engine::model::condition::{EtagCondition, WriteConditions};
use strongroom_engine::model::lock::Lock;
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::object::put::PutObject;

pub(super) async fn put_object(
    cx: &Permitted,
    request: S3Request<PutObjectInput>,
) -> OperationResult<PutObjectOutput> {
    let S3Request { input, headers, .. } = request;
    let extracted = &cx.headers;
    let access = acl::of_new_object(cx, &input.bucket, &headers).await?;
    let form = cx.form_file.as_ref();
    let length = match form {
        Some(_) => None,
        None => Some(length(&headers)?),
    };
    check_framing(&headers)?;
    let object = new_object(input.bucket, input.key, access, &headers, extracted)?;
    if form.is_none() && will_be_locked(cx, &object).await? {
        demand_digest(&headers, "Put Object")?;
    }
    let put = PutObject {
        object,
        length,
        md5: body::md5_header(&headers)?,
        checksum: checksum::of_request(&headers, extracted.trailers.as_ref())?,
        conditions: write_conditions(input.if_match, input.if_none_match.as_ref())?,
    };
    cx.reservation.hold(OF_UPLOAD.min(length.unwrap_or(OF_UPLOAD)))?;
    let content = match form {
        Some(file) => file.take()?,
        None => body::of_object(input.body),
    };
    let put = cx.engine().put_object(put, content).await?;

    let mut response_headers = HeaderMap::new();
    extracted
        .encryption
        .write_headers_to_writer(&put.committed.encrypted, &mut response_headers);
    write_checksum_headers(&[put.checksum], None, &mut response_headers);
    let output = PutObjectOutput {
        expiration: expiration(put.committed.expiry.as_ref()),
        e_tag: Some(ETag::Strong(put.committed.etag)),
        version_id: written_version(put.committed.version),
        ..PutObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

/// Returns whether a new object gets a lock: its own, or that of its bucket.
async fn will_be_locked(cx: &Permitted, object: &NewObject) -> Result<bool, ErrorResponse> {
    let settings = bucket_settings(cx, &object.bucket).await?;
    let in_bucket = settings.object_lock.as_ref();
    Ok(in_bucket.is_some_and(|lock| lock.default_retention.is_some() || object.lock != Lock::default()))
}

/// Refuses content of a locked object that came without a digest, as AWS does. The payload hash of the signature does not
/// count.
pub(super) fn demand_digest(headers: &HeaderMap, requests: &str) -> Result<(), ErrorResponse> {
    if headers.contains_key("content-md5") || checksum::is_given(headers) {
        return Ok(());
    }
    Err(ErrorResponse::invalid_request(format!(
        "Content-MD5 OR x-amz-checksum- HTTP header is required for {requests} requests with Object Lock parameters"
    )))
}

/// Returns the length of the object in bytes. For an aws-chunked body (often sent without Content-Length), the length
/// without framing.
pub(super) fn length(headers: &HeaderMap) -> Result<u64, ErrorResponse> {
    let length = headers
        .get("x-amz-decoded-content-length")
        .or_else(|| headers.get("content-length"));
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .ok_or_else(|| body::no_length(headers))
}

/// Refuses a body that claims to be framed and is not signed at all: framing would be stored.
pub(super) fn check_framing(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let says_so = text("content-encoding")
        .to_ascii_lowercase()
        .contains("aws-chunked");
    match text("x-amz-content-sha256") {
        _ if !says_so => Ok(()),
        "UNSIGNED-PAYLOAD" => Err(ErrorResponse::invalid_argument(
            "aws-chunked encoding is not supported when x-amz-content-sha256 UNSIGNED-PAYLOAD is supplied",
        )),
        "" => Err(ErrorResponse::invalid_request(
            "Content-Encoding aws-chunked needs x-amz-content-sha256.",
        )),
        // Framed, or signed as it is.
        _ => Ok(()),
    }
}

pub(super) fn write_conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> Result<WriteConditions, ErrorResponse> {
    if if_none_match.is_some_and(|condition| !condition.is_any()) {
        return Err(ErrorResponse::not_implemented(
            "If-None-Match on a write must be *.",
        ));
    }
    let must_be_new = if_none_match.is_some();
    Ok(WriteConditions {
        if_match: if_match.map(etag_condition),
        must_be_new,
    })
}

pub(super) fn etag_condition(condition: ETagCondition) -> EtagCondition {
    match condition {
        ETagCondition::Any => EtagCondition::Any,
        ETagCondition::ETag(etag) => EtagCondition::OneOf(vec![etag.into_value()]),
    }
}
