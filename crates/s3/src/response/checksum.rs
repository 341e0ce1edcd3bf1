//! Checksums in answers: headers, and elements of documents.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::ChecksumType;
use strongroom_seal::Checksum;

/// Begins the names of checksum headers.
pub(crate) const PREFIX: &str = "x-amz-checksum-";

/// A checksum as S3 writes it: of a COMPOSITE one of `parts` parts, their number stands behind it.
fn text(checksum: &Checksum, parts: Option<usize>) -> String {
    let value = BASE64_STANDARD.encode(&checksum.value);
    match parts.filter(|_| checksum.composite) {
        Some(parts) => format!("{value}-{parts}"),
        None => value,
    }
}

/// Adds an object's checksums to an answer, those of an object of `parts` parts.
pub(crate) fn write_checksum_headers(checksums: &[Checksum], parts: Option<usize>, answer: &mut HeaderMap) {
    for checksum in checksums {
        insert(checksum, parts, answer);
        let kind = kind_name(checksum.composite);
        answer.insert("x-amz-checksum-type", HeaderValue::from_static(kind));
    }
}

/// Adds the checksum of a part to an answer.
pub(crate) fn write_part_checksum_header(checksum: &Checksum, answer: &mut HeaderMap) {
    insert(checksum, None, answer);
}

fn insert(checksum: &Checksum, parts: Option<usize>, answer: &mut HeaderMap) {
    let name = [PREFIX, &checksum.algorithm.to_ascii_lowercase()].concat();
    let value = HeaderValue::try_from(text(checksum, parts));
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
        answer.insert(name, value);
    }
}

/// Over what a checksum goes, as S3 names it.
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

/// A checksum as the elements that documents have for it.
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
    /// Those of a part's checksum.
    pub(crate) fn of_part(checksum: Option<&Checksum>) -> Self {
        Self::of(checksum, None)
    }

    /// Those of an object's checksum, an object of `parts` parts.
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
