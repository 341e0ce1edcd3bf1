//! LIST of versions.

use crate::ops::list::{Encoding, limit, page, scope};
use crate::ops::owner::owner;
use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::timestamp;
use crate::response::written::NAMESPACE;
use crate::response::written::Written;
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ETag, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass,
};
use s3s::xml::{SerError, SerializeContent as _, Serializer};
use s3s::{S3Request, S3Response};
use strongroom_engine::object::list::ListVersions;
use strongroom_engine::object::walk::Entry;

pub(super) async fn list_object_versions(
    cx: &Permitted,
    request: S3Request<ListObjectVersionsInput>,
) -> OperationResult<ListObjectVersionsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    if input
        .optional_object_attributes
        .is_some_and(|attributes| !attributes.is_empty())
    {
        return Err(ErrorResponse::not_implemented(
            "x-amz-optional-object-attributes is not implemented.",
        ));
    }
    let key_marker = input.key_marker.unwrap_or_default();
    if !key_marker.is_empty() && input.version_id_marker.as_deref() == Some("") {
        return Err(
            ErrorResponse::invalid_argument("A version-id marker cannot be empty.")
                .with("ArgumentName", "version-id-marker"),
        );
    }
    let marker = input.version_id_marker.filter(|marker| !marker.is_empty());
    if marker.is_some() && key_marker.is_empty() {
        return Err(ErrorResponse::invalid_argument(
            "A version-id marker cannot be specified without a key marker.",
        )
        .with("ArgumentName", "version-id-marker"));
    }
    let list = ListVersions {
        scope: scope(input.prefix, input.delimiter),
        after: key_marker,
        after_version: version_name(marker.as_deref())?,
        limit: limit(input.max_keys)?,
    };
    let listing = cx.engine().list_versions(&input.bucket, &list);
    let page = page(cx, &input.bucket, list.limit, listing).await?;

    // Markers of the next page.
    let (next_key, next_version) = match page.entries.last().filter(|_| page.truncated) {
        None => (None, None),
        Some(Entry::Item(version)) => (
            Some(encoding.encode(&version.object.key)),
            Some(version.version.to_string()),
        ),
        Some(Entry::Prefix(prefix)) => (Some(encoding.encode(prefix)), None),
    };

    // Entries.
    let (mut entries, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                prefix: Some(encoding.encode(&prefix)),
            }),
            Entry::Item(version) if version.is_marker => entries.push(Listed::Marker(DeleteMarkerEntry {
                is_latest: Some(version.is_latest),
                key: Some(encoding.encode(&version.object.key)),
                last_modified: Some(timestamp(version.object.modified)),
                owner: Some(owner(version.object.owner.canonical_id)),
                version_id: Some(version.version.to_string()),
            })),
            Entry::Item(version) => entries.push(Listed::Version(Box::new(ObjectVersion {
                e_tag: Some(ETag::Strong(version.object.etag)),
                is_latest: Some(version.is_latest),
                key: Some(encoding.encode(&version.object.key)),
                last_modified: Some(timestamp(version.object.modified)),
                owner: Some(owner(version.object.owner.canonical_id)),
                size: i64::try_from(version.object.length).ok(),
                storage_class: Some(ObjectVersionStorageClass::from_static(
                    ObjectVersionStorageClass::STANDARD,
                )),
                version_id: Some(version.version.to_string()),
                ..ObjectVersion::default()
            }))),
        }
    }
    let output = ListObjectVersionsOutput {
        name: Some(input.bucket),
        common_prefixes: Some(prefixes),
        delete_markers: None,
        delimiter: list.scope.delimiter.map(|delimiter| encoding.encode(&delimiter)),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.truncated),
        key_marker: Some(encoding.encode(&list.after)),
        max_keys: Some(input.max_keys.unwrap_or(1000)),
        next_key_marker: next_key,
        next_version_id_marker: next_version,
        prefix: Some(encoding.encode(&list.scope.prefix)),
        version_id_marker: Some(marker.unwrap_or_default()),
        versions: None,
        request_charged: None,
    };
    let document = write(&output, &entries).map_err(|error| {
        tracing::error!(%error, "a listing of versions cannot be written");
        ErrorResponse::internal()
    })?;
    let mut response = S3Response::new(output);
    response.extensions.insert(Written(document));
    Ok(response)
}

/// An entry of the listing.
enum Listed {
    Version(Box<ObjectVersion>),
    Marker(DeleteMarkerEntry),
}

/// Writes the document. s3s would write all versions before all delete markers; on AWS they are in one order.
fn write(output: &ListObjectVersionsOutput, entries: &[Listed]) -> Result<String, SerError> {
    let mut document = Vec::new();
    let mut writer = Serializer::new(&mut document);
    writer.decl()?;
    writer.element_with_ns("ListVersionsResult", NAMESPACE, |writer| {
        output.serialize_content(writer)?;
        for entry in entries {
            match entry {
                Listed::Version(version) => writer.content("Version", &**version)?,
                Listed::Marker(marker) => writer.content("DeleteMarker", marker)?,
            }
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&document).into_owned())
}
