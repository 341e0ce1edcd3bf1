//! `GetObjectAttributes`: properties of an object and its parts, in a document.

use crate::ops::list_uploads::limit;
use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::checksum::ChecksumElements;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::timestamp;
use crate::response::written::NAMESPACE;
use crate::response::written::Written;
use s3s::dto::{
    Checksum, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ObjectAttributes, ObjectPart, StorageClass,
};
use s3s::xml::{SerError, SerializeContent as _, Serializer};
use s3s::{S3Request, S3Response};
use strongroom_engine::object::get::{ObjectPart as Part, ReadObject};

/// Names of the attributes.
const ATTRIBUTES: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

pub(super) async fn get_object_attributes(
    cx: &Permitted,
    request: S3Request<GetObjectAttributesInput>,
) -> OperationResult<GetObjectAttributesOutput> {
    let input = request.input;
    let extracted = &cx.headers;
    // s3s does not split a list in one header.
    let requested: Vec<&str> = input
        .object_attributes
        .iter()
        .flat_map(|names| names.as_str().split(','))
        .map(str::trim)
        .collect();
    if requested.is_empty() || requested.iter().any(|name| !ATTRIBUTES.contains(name)) {
        return Err(
            ErrorResponse::invalid_argument("Invalid attribute name specified.")
                .with("ArgumentName", "x-amz-object-attributes")
                .with("ArgumentValue", requested.join(",")),
        );
    }
    let wants = |name: &str| requested.contains(&name);
    let read = ReadObject {
        bucket: input.bucket,
        key: input.key,
        version: version_name(input.version_id.as_deref())?,
        conditions: extracted.conditions.clone(),
        ..ReadObject::default()
    };
    let (info, parts) = cx
        .engine()
        .object_parts(&read, extracted.encryption.headers())
        .await?;

    // The requested attributes.
    let checksum = info
        .checksums
        .first()
        .filter(|_| wants(ObjectAttributes::CHECKSUM));
    let checksum = checksum.map(|checksum| {
        // As on AWS, only here the value of an upload of one part has no number of parts.
        let elements = ChecksumElements::of(Some(checksum), info.parts.filter(|parts| *parts > 1));
        Checksum {
            checksum_crc32: elements.crc32,
            checksum_crc32c: elements.crc32c,
            checksum_crc64nvme: elements.crc64nvme,
            checksum_sha1: elements.sha1,
            checksum_sha256: elements.sha256,
            checksum_type: elements.kind,
        }
    });
    let object_parts = if wants(ObjectAttributes::OBJECT_PARTS) && info.parts.is_some() {
        let limit = limit(input.max_parts, "max-parts")?;
        Some(page(&parts, input.part_number_marker.unwrap_or(0), limit))
    } else {
        None
    };
    let output = GetObjectAttributesOutput {
        checksum,
        last_modified: Some(timestamp(info.modified)),
        object_parts,
        object_size: if wants(ObjectAttributes::OBJECT_SIZE) {
            i64::try_from(info.length).ok()
        } else {
            None
        },
        storage_class: wants(ObjectAttributes::STORAGE_CLASS)
            .then(|| StorageClass::from_static(StorageClass::STANDARD)),
        version_id: info.version.map(|version| version.to_string()),
        ..GetObjectAttributesOutput::default()
    };
    let etag = wants(ObjectAttributes::ETAG).then_some(info.etag);
    let document = write(&output, etag.as_deref()).map_err(|error| {
        tracing::error!(%error, "the attributes of an object cannot be written");
        ErrorResponse::internal()
    })?;
    let mut response = S3Response::new(output);
    response.extensions.insert(Written(document));
    Ok(response)
}

/// Writes the document. Only here an `ETag` has no quotes, which s3s would write.
fn write(output: &GetObjectAttributesOutput, etag: Option<&str>) -> Result<String, SerError> {
    let mut document = Vec::new();
    let mut writer = Serializer::new(&mut document);
    writer.decl()?;
    writer.element_with_ns("GetObjectAttributesResponse", NAMESPACE, |writer| {
        if let Some(etag) = etag {
            writer.content("ETag", etag)?;
        }
        output.serialize_content(writer)
    })?;
    Ok(String::from_utf8_lossy(&document).into_owned())
}

fn page(parts: &[Part], marker: i32, limit: usize) -> GetObjectAttributesParts {
    let after = u32::try_from(marker).unwrap_or(0);
    // As on AWS, parts are listed only if they have checksums.
    let with_checksums = parts.iter().any(|part| part.checksum.is_some());
    let rest: Vec<&Part> = parts.iter().filter(|part| part.number > after).collect();
    let shown = &rest[..rest.len().min(limit)];
    let next = shown.last().and_then(|part| i32::try_from(part.number).ok());
    let documents = shown.iter().map(|part| {
        let checksums = ChecksumElements::of_part(part.checksum.as_ref());
        ObjectPart {
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            part_number: i32::try_from(part.number).ok(),
            size: i64::try_from(part.length).ok(),
        }
    });
    GetObjectAttributesParts {
        is_truncated: Some(shown.len() < rest.len()),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: Some(next.unwrap_or(marker)),
        part_number_marker: Some(marker),
        parts: with_checksums.then(|| documents.collect()),
        total_parts_count: i32::try_from(parts.len()).ok(),
    }
}
