//! Copies of objects.

use crate::ops::put::write_conditions;
use crate::ops::settings::acl;
use crate::request::buffers::OF_UPLOAD;
use crate::request::checksum;
use crate::request::context::Permitted;
use crate::request::extracted::ExtractedHeaders;
use crate::request::new_object::new_object;
use crate::request::target::version_name;
use crate::response::checksum::ChecksumElements;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::{expiration, timestamp};
use http::HeaderMap;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, ETagCondition, MetadataDirective,
    TaggingDirective,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::get::{ReadObject, Select};

pub(super) async fn copy_object(
    cx: &Permitted,
    request: S3Request<CopyObjectInput>,
) -> OperationResult<CopyObjectOutput> {
    let S3Request { input, headers, .. } = request;
    let extracted = &cx.headers;
    let keep_metadata = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
        None | Some(MetadataDirective::COPY) => true,
        Some(MetadataDirective::REPLACE) => false,
        Some(_) => return Err(ErrorResponse::invalid_argument("Unknown metadata directive.")),
    };
    let keep_tags = match input.tagging_directive.as_ref().map(TaggingDirective::as_str) {
        None | Some(TaggingDirective::COPY) => true,
        Some(TaggingDirective::REPLACE) => false,
        Some(_) => return Err(ErrorResponse::invalid_argument("Unknown tagging directive.")),
    };
    if keep_tags && input.tagging.is_some() {
        return Err(ErrorResponse::invalid_argument(
            "The x-amz-tagging header can only be used with x-amz-tagging-directive REPLACE.",
        ));
    }
    let access = acl::of_new_object(cx, &input.bucket, &headers).await?;
    let algorithm = input.checksum_algorithm.as_ref();
    let copy = CopyObject {
        source: copy_source(&input.copy_source, extracted)?,
        object: new_object(input.bucket, input.key, access, &headers, extracted)?,
        keep_metadata,
        keep_tags,
        checksum: algorithm.map(|name| checksum::named(name.as_str())).transpose()?,
        may_change_nothing: input.storage_class.is_some(),
        conditions: target_conditions(&headers)?,
    };
    cx.reservation.hold(OF_UPLOAD)?;
    let outcome = cx
        .engine()
        .copy_object(copy, || extracted.source_encryption.headers())
        .await?;

    let mut response_headers = HeaderMap::new();
    extracted
        .encryption
        .write_headers_to_writer(&outcome.committed.encrypted, &mut response_headers);
    let checksums = ChecksumElements::of(outcome.checksum.as_ref(), outcome.parts);
    let output = CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: checksums.kind,
            e_tag: Some(ETag::Strong(outcome.committed.etag)),
            last_modified: Some(timestamp(outcome.committed.modified)),
        }),
        expiration: expiration(outcome.committed.expiry.as_ref()),
        copy_source_version_id: outcome.source.map(|version| version.to_string()),
        version_id: outcome.committed.version.map(|version| version.to_string()),
        ..CopyObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

/// Returns the source of a copy.
pub(super) fn copy_source(
    source: &CopySource,
    extracted: &ExtractedHeaders,
) -> Result<ReadObject, ErrorResponse> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = source
    else {
        return Err(ErrorResponse::not_implemented(
            "Access points are not implemented.",
        ));
    };
    Ok(ReadObject {
        bucket: bucket.to_string(),
        key: key.to_string(),
        version: version_name(version_id.as_deref())?,
        conditions: extracted.source_conditions.clone(),
        select: Select::All,
    })
}

/// Parses `bytes=first-last`. Both numbers are required.
pub(super) fn source_range(range: &str) -> Result<(u64, u64), ErrorResponse> {
    let invalid = || {
        ErrorResponse::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy",
        )
        .with("ArgumentName", "x-amz-copy-source-range")
        .with("ArgumentValue", range)
    };
    let (first, last) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .ok_or_else(invalid)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| invalid());
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        Err(invalid())
    } else {
        Ok((first, last))
    }
}

/// Returns the conditions on the object that the copy replaces. s3s does not read them on a copy.
fn target_conditions(
    headers: &HeaderMap,
) -> Result<strongroom_engine::model::condition::WriteConditions, ErrorResponse> {
    let condition = |name: &str| {
        let value = headers.get(name)?;
        let value = value.to_str().unwrap_or_default();
        Some(ETagCondition::parse_http_header(value.as_bytes()).map_err(|_| {
            ErrorResponse::invalid_argument(format!("The header {name} must be one ETag or *."))
        }))
    };
    write_conditions(
        condition("if-match").transpose()?,
        condition("if-none-match").transpose()?.as_ref(),
    )
}
