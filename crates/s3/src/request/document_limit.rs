//! Maximum sizes of documents.

use crate::request::operation::Operation;
use strongroom_access::policy::Policy;

/// Maximum size of documents that no row of [`LIMITS`] names, in bytes: settings of a few elements, and up to 50 tags of
/// a bucket.
const MAX_OTHER: usize = 64 << 10;

/// Maximum sizes by operation, in bytes. Where AWS documents the number of entries, their longest form times that number.
const LIMITS: [(&str, usize); 6] = [
    // 1,000 keys of 1 KiB with version, ETag and size.
    ("DeleteObjects", 2252 << 10),
    // 10,000 parts of 300 bytes, which is an ETag and the longest checksum, indented.
    ("CompleteMultipartUpload", 3 << 20),
    // 100 rules; AWS documents 64 KB.
    ("PutBucketCors", 64 << 10),
    // 1,000 rules with prefix and tags.
    ("PutBucketLifecycleConfiguration", 2 << 20),
    // AWS documents 20 KB. One byte more is read, so that the answer says that the policy is too long.
    ("PutBucketPolicy", Policy::MAX_LEN + 1),
    // 10 tags of 128 and 256 characters.
    ("PutObjectTagging", 16 << 10),
];

/// Returns the maximum size of the document of an operation, in bytes.
pub(crate) fn document_limit(operation: Option<&Operation>) -> usize {
    let named = |operation: &Operation| {
        let mut limits = LIMITS.into_iter();
        limits.find_map(|(name, limit)| (name == operation.name).then_some(limit))
    };
    operation.and_then(named).unwrap_or(MAX_OTHER)
}
