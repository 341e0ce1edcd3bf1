//! Checksums in responses: headers, and elements of documents.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::ChecksumType;
use strongroom_seal::Checksum;

/// Prefix of the names of checksum headers.
pub(crate) const PREFIX: &str = "x-amz-checksum-";

/// Formats a checksum as S3 does: the value of a COMPOSITE one is followed by the number of parts.
fn text(checksum: &Checksum, parts: Option<usize>) -> String {
    let value = BASE64_STANDARD.encode(&checksum.value);
    match parts.filter(|_| checksum.composite) {
        Some(parts) => format!("{value}-{parts}"),
        None => value,
    }
}

/// Writes the checksum headers of an object of `parts` parts.
pub(crate) fn write_checksum_headers(checksums: &[Checksum], parts: Option<usize>, headers: &mut HeaderMap) {
    for checksum in checksums {
        insert(checksum, parts, headers);
        let kind = kind_name(checksum.composite);
        headers.insert("x-amz-checksum-type", HeaderValue::from_static(kind));
    }
}

/// Writes the checksum header of a part.
pub(crate) fn write_part_checksum_header(checksum: &Checksum, headers: &mut HeaderMap) {
    insert(checksum, None, headers);
}

/// Writes the checksum headers of a part that is read by its number: its checksum, and the type of the object's.
pub(crate) fn write_read_part_checksum_headers(checksum: &Checksum, headers: &mut HeaderMap) {
    insert(checksum, None, headers);
    let kind = kind_name(checksum.composite);
    headers.insert("x-amz-checksum-type", HeaderValue::from_static(kind));
}

fn insert(checksum: &Checksum, parts: Option<usize>, headers: &mut HeaderMap) {
    let name = [PREFIX, &checksum.algorithm.to_ascii_lowercase()].concat();
    let value = HeaderValue::try_from(text(checksum, parts));
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
        headers.insert(name, value);
    }
}

/// Returns the type of a checksum, as S3 names it: over the whole object or over the checksums of its parts.
pub(crate) fn checksum_type(composite: bool) -> ChecksumType {
    ChecksumType::from_static(kind_name(composite))
}

const fn kind_name(composite: bool) -> &'static str {
    if composite {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    }
}

/// A checksum as elements of a document.
#[derive(Default)]
pub(crate) struct ChecksumElements {
    pub(crate) crc32: Option<String>,
    pub(crate) crc32c: Option<String>,
    pub(crate) crc64nvme: Option<String>,
    pub(crate) sha1: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) kind: Option<ChecksumType>,
}

impl ChecksumElements {
    /// Returns the elements of the checksum of a part.
    pub(crate) fn of_part(checksum: Option<&Checksum>) -> Self {
        Self::of(checksum, None)
    }

    /// Returns the elements of the checksum of an object of `parts` parts.
    pub(crate) fn of(checksum: Option<&Checksum>, parts: Option<usize>) -> Self {
        let Some(checksum) = checksum else {
            return Self::default();
        };
        let text = |algorithm: &str| (checksum.algorithm == algorithm).then(|| text(checksum, parts));
        Self {
            crc32: text("CRC32"),
            crc32c: text("CRC32C"),
            crc64nvme: text("CRC64NVME"),
            sha1: text("SHA1"),
            sha256: text("SHA256"),
            kind: Some(checksum_type(checksum.composite)),
        }
    }
}
