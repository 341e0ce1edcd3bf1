//! Multipart uploads.

use crate::ops::copy::{copy_source, source_range};
use crate::ops::owner::callers_initiator;
use crate::ops::put::{check_framing, demand_digest, length, write_conditions};
use crate::ops::settings::acl;
use crate::request::buffers::OF_UPLOAD;
use crate::request::context::Permitted;
use crate::request::host::address;
use crate::request::new_object::new_object;
use crate::request::target::written_version;
use crate::request::{body, checksum};
use crate::response::checksum::{ChecksumElements, checksum_type, write_part_checksum_header};
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::{expiration, timestamp};
use http::HeaderMap;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumType, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyPartResult, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    ETag, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::upload::{BeginUpload, CompleteUpload, CompletedPart, UploadName, UploadPart};
use strongroom_engine::{Error, Mode};

/// Maximum number of parts in one request.
const MAX_PARTS: usize = 10_000;

pub(super) async fn create_multipart_upload(
    cx: &Permitted,
    request: S3Request<CreateMultipartUploadInput>,
) -> OperationResult<CreateMultipartUploadOutput> {
    let S3Request { input, headers, .. } = request;
    let extracted = &cx.headers;
    let composite = composite(input.checksum_type.as_ref())?;
    let checksum = match &input.checksum_algorithm {
        Some(name) => Some((checksum::named(name.as_str())?, composite)),
        None if composite.is_some() => {
            return Err(ErrorResponse::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            ));
        }
        None => None,
    };
    let access = acl::of_new_object(cx, &input.bucket, &headers).await?;
    let object = new_object(
        input.bucket.clone(),
        input.key.clone(),
        access,
        &headers,
        extracted,
    )?;
    let begun = cx
        .engine()
        .begin_upload(BeginUpload {
            object,
            checksum,
            initiator: callers_initiator(cx),
        })
        .await?;

    let mut response_headers = HeaderMap::new();
    extracted
        .encryption
        .write_headers_to_writer(&begun.encrypted, &mut response_headers);
    let requested = begun.checksum.requested;
    let output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(begun.id),
        checksum_algorithm: requested.then(|| begun.checksum.algorithm.name().to_owned().into()),
        checksum_type: requested.then(|| checksum_type(begun.checksum.composite)),
        ..CreateMultipartUploadOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

pub(super) async fn upload_part(
    cx: &Permitted,
    request: S3Request<UploadPartInput>,
) -> OperationResult<UploadPartOutput> {
    let S3Request { input, headers, .. } = request;
    let extracted = &cx.headers;
    let length = length(&headers)?;
    check_framing(&headers)?;
    let upload = name(input.bucket, input.key, input.upload_id);
    if cx.engine().upload_is_locked(&upload).await? {
        demand_digest(&headers, "Put Part")?;
    }
    let part = UploadPart {
        upload,
        number: input.part_number.into(),
        encryption: extracted.encryption.headers(),
        length,
        md5: body::md5_header(&headers)?,
        checksum: checksum::of_request(&headers, extracted.trailers.as_ref())?,
    };
    cx.reservation.hold(OF_UPLOAD.min(length))?;
    let part = cx.engine().upload_part(part, body::of_object(input.body)).await?;

    let mut response_headers = HeaderMap::new();
    extracted
        .encryption
        .write_headers(&part.encrypted, &mut response_headers);
    if part.checksum_requested {
        write_part_checksum_header(&part.checksum, &mut response_headers);
    }
    let output = UploadPartOutput {
        e_tag: Some(ETag::Strong(part.etag)),
        ..UploadPartOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

pub(super) async fn upload_part_copy(
    cx: &Permitted,
    request: S3Request<UploadPartCopyInput>,
) -> OperationResult<UploadPartCopyOutput> {
    let input = request.input;
    let extracted = &cx.headers;
    let source = copy_source(&input.copy_source, extracted)?;
    let range = input.copy_source_range.as_deref().map(source_range).transpose()?;
    let part = UploadPart {
        upload: name(input.bucket, input.key, input.upload_id),
        number: input.part_number.into(),
        encryption: extracted.encryption.headers(),
        length: 0,
        md5: None,
        checksum: None,
    };
    cx.reservation.hold(OF_UPLOAD)?;
    let (part, version) = cx
        .engine()
        .copy_part(part, &source, || extracted.source_encryption.headers(), range)
        .await?;

    let mut response_headers = HeaderMap::new();
    extracted
        .encryption
        .write_headers(&part.encrypted, &mut response_headers);
    let checksums = ChecksumElements::of_part(part.checksum_requested.then_some(&part.checksum));
    let output = UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            e_tag: Some(ETag::Strong(part.etag)),
            last_modified: Some(timestamp(part.modified)),
        }),
        copy_source_version_id: version.map(|version| version.to_string()),
        ..UploadPartCopyOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

pub(super) async fn complete_multipart_upload(
    cx: &Permitted,
    request: S3Request<CompleteMultipartUploadInput>,
) -> OperationResult<CompleteMultipartUploadOutput> {
    let S3Request {
        input, headers, uri, ..
    } = request;
    let extracted = &cx.headers;
    // The request, checked before the engine is called.
    let listed = input
        .multipart_upload
        .and_then(|list| list.parts)
        .unwrap_or_default();
    if listed.is_empty() || listed.len() > MAX_PARTS {
        return Err(ErrorResponse::malformed_xml());
    }
    let parts: Result<Vec<CompletedPart>, ErrorResponse> = listed.iter().map(completed_part).collect();
    let length = match input.mpu_object_size {
        None => None,
        Some(size) => Some(u64::try_from(size).map_err(|_| {
            ErrorResponse::invalid_argument("Value for x-amz-mp-object-size header is invalid.")
        })?),
    };
    let complete = CompleteUpload {
        upload: name(input.bucket.clone(), input.key.clone(), input.upload_id),
        parts: parts?,
        encryption: extracted.encryption.headers(),
        checksum: checksum::of_completion(&headers)?,
        composite: composite(input.checksum_type.as_ref())?,
        length,
        conditions: write_conditions(input.if_match, input.if_none_match.as_ref())?,
    };
    let completion = cx.engine().complete_upload(complete).await?;

    let mut response_headers = HeaderMap::new();
    // AWS does not describe a customer key here.
    if completion.committed.encrypted.mode != Mode::Customer {
        extracted
            .encryption
            .write_headers(&completion.committed.encrypted, &mut response_headers);
    }
    let parts = listed.len();
    let checksums = ChecksumElements::of(completion.checksum.as_ref(), Some(parts));
    let output = CompleteMultipartUploadOutput {
        location: Some(address(cx.transport, &headers, &uri, &input.bucket, &input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        expiration: expiration(completion.committed.expiry.as_ref()),
        e_tag: Some(ETag::Strong(completion.committed.etag)),
        version_id: written_version(completion.committed.version),
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        checksum_type: checksums.kind,
        ..CompleteMultipartUploadOutput::default()
    };
    Ok(S3Response::with_headers(output, response_headers))
}

pub(super) async fn abort_multipart_upload(
    cx: &Permitted,
    request: S3Request<AbortMultipartUploadInput>,
) -> OperationResult<AbortMultipartUploadOutput> {
    let input = request.input;
    let upload = name(input.bucket, input.key, input.upload_id);
    cx.engine().abort_upload(&upload).await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) fn name(bucket: String, key: String, id: String) -> UploadName {
    UploadName { bucket, key, id }
}

/// Returns whether the checksum is to be COMPOSITE. `None`: the request does not say.
fn composite(kind: Option<&ChecksumType>) -> Result<Option<bool>, ErrorResponse> {
    match kind.map(ChecksumType::as_str) {
        None => Ok(None),
        Some(ChecksumType::COMPOSITE) => Ok(Some(true)),
        Some(ChecksumType::FULL_OBJECT) => Ok(Some(false)),
        Some(_) => Err(ErrorResponse::invalid_request(
            "Value for x-amz-checksum-type header is invalid.",
        )),
    }
}

fn completed_part(part: &s3s::dto::CompletedPart) -> Result<CompletedPart, ErrorResponse> {
    let (Some(number), Some(etag)) = (part.part_number, &part.e_tag) else {
        return Err(ErrorResponse::malformed_xml());
    };
    let given = [
        (ChecksumAlgorithm::Crc32, &part.checksum_crc32),
        (ChecksumAlgorithm::Crc32c, &part.checksum_crc32c),
        (ChecksumAlgorithm::Crc64Nvme, &part.checksum_crc64nvme),
        (ChecksumAlgorithm::Sha1, &part.checksum_sha1),
        (ChecksumAlgorithm::Sha256, &part.checksum_sha256),
    ];
    let mut given = given
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value.as_deref()?)));
    let checksum = match given.next() {
        None => None,
        Some((algorithm, value)) => Some((
            algorithm,
            checksum::decode(algorithm, value).ok_or_else(|| {
                ErrorResponse::of(&Error::InvalidPart {
                    number: u32::try_from(number).unwrap_or_default(),
                    etag: etag.value().to_owned(),
                })
            })?,
        )),
    };
    Ok(CompletedPart {
        number: number.into(),
        etag: etag.value().to_owned(),
        checksum,
    })
}
