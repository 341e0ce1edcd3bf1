//! Listings of multipart uploads and of the parts of one.

use crate::ops::list::{Encoding, MAX_KEYS, page, scope};
use crate::ops::multipart::name;
use crate::ops::owner::{initiator, owner};
use crate::request::context::Permitted;
use crate::response::checksum::{ChecksumElements, checksum_type};
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::timestamp;
use s3s::dto::{
    CommonPrefix, ETag, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput,
    ListPartsOutput, MultipartUpload, Part, StorageClass,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::object::walk::Entry;
use strongroom_engine::upload::{ListUploads, ListedUpload};

pub(super) async fn list_parts(
    cx: &Permitted,
    request: S3Request<ListPartsInput>,
) -> OperationResult<ListPartsOutput> {
    let extracted = &cx.headers;
    let input = request.input;
    let limit = limit(input.max_parts, "max-parts")?;
    let after = number("part-number-marker", input.part_number_marker.unwrap_or(0))?;
    let upload = name(input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let page = cx
        .engine()
        .list_parts(
            &upload,
            u32::try_from(after).unwrap_or(u32::MAX),
            limit,
            extracted.encryption.headers(),
        )
        .await?;
    let requested = page.checksum.requested;
    let parts = page.parts.iter().map(|part| {
        let checksums = ChecksumElements::of_part(part.checksum.as_ref().filter(|_| requested));
        Part {
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            e_tag: Some(ETag::Strong(part.etag.clone())),
            last_modified: Some(timestamp(part.modified)),
            part_number: i32::try_from(part.number).ok(),
            size: i64::try_from(part.length).ok(),
        }
    });
    let last = page.parts.last().and_then(|part| i32::try_from(part.number).ok());
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: requested.then(|| page.checksum.algorithm.name().to_owned().into()),
        checksum_type: requested.then(|| checksum_type(page.checksum.composite)),
        initiator: Some(initiator(page.initiator, page.owner)),
        owner: Some(owner(page.owner.canonical_id)),
        is_truncated: Some(page.truncated),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: Some(last.or(input.part_number_marker).unwrap_or(0)),
        part_number_marker: Some(input.part_number_marker.unwrap_or(0)),
        parts: Some(parts.collect()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..ListPartsOutput::default()
    }))
}

pub(super) async fn list_multipart_uploads(
    cx: &Permitted,
    request: S3Request<ListMultipartUploadsInput>,
) -> OperationResult<ListMultipartUploadsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let limit = limit(input.max_uploads, "max-uploads")?;
    let key_marker = input.key_marker.unwrap_or_default();
    // Ignored without a key, as on AWS.
    let after_upload = input
        .upload_id_marker
        .filter(|marker| !marker.is_empty() && !key_marker.is_empty());
    let list = ListUploads {
        scope: scope(input.prefix, input.delimiter),
        after: key_marker,
        after_upload,
        limit,
    };
    let listing = cx.engine().list_uploads(&input.bucket, &list);
    let page = page(cx, &input.bucket, list.limit, listing).await?;

    // Markers of the next page: as on AWS, those of the last upload on the last page too.
    let (next_key, next_upload) = match page.entries.last() {
        None => (None, None),
        Some(Entry::Item(upload)) => (Some(encoding.encode(&upload.key)), Some(upload.id.clone())),
        Some(Entry::Prefix(prefix)) => (Some(encoding.encode(prefix)), Some(String::new())),
    };

    // Entries.
    let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Item(upload) => uploads.push(document(upload, encoding)),
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                prefix: Some(encoding.encode(&prefix)),
            }),
        }
    }
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: Some(prefixes),
        delimiter: list.scope.delimiter.map(|delimiter| encoding.encode(&delimiter)),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.truncated),
        key_marker: Some(encoding.encode(&list.after)),
        max_uploads: i32::try_from(limit).ok(),
        next_key_marker: next_key,
        next_upload_id_marker: next_upload,
        prefix: Some(encoding.encode(&list.scope.prefix)),
        upload_id_marker: Some(list.after_upload.unwrap_or_default()),
        uploads: Some(uploads),
        request_charged: None,
    }))
}

fn document(upload: ListedUpload, encoding: Encoding) -> MultipartUpload {
    let requested = upload.checksum.requested;
    MultipartUpload {
        checksum_algorithm: requested.then(|| upload.checksum.algorithm.name().to_owned().into()),
        checksum_type: requested.then(|| checksum_type(upload.checksum.composite)),
        initiated: Some(timestamp(upload.begun)),
        initiator: Some(initiator(upload.initiator, upload.owner)),
        key: Some(encoding.encode(&upload.key)),
        owner: Some(owner(upload.owner.canonical_id)),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        upload_id: Some(upload.id),
    }
}

pub(super) fn limit(requested: Option<i32>, name: &str) -> Result<usize, ErrorResponse> {
    Ok(number(name, requested.unwrap_or(1000))?.min(MAX_KEYS))
}

fn number(name: &str, number: i32) -> Result<usize, ErrorResponse> {
    usize::try_from(number).map_err(|_| {
        ErrorResponse::invalid_argument(format!(
            "Argument {name} must be an integer between 0 and 2147483647"
        ))
        .with("ArgumentName", name)
        .with("ArgumentValue", number.to_string())
    })
}
