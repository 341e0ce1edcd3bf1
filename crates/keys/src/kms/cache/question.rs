//! Requests to a key management service, in the form of cache keys.

use crate::kms::context::{Context, canonical};
use crate::kms::timed::Digest;
use aws_lc_rs::digest::{Context as Sha256, SHA256};

/// Kind of a request. Part of the cache keys.
#[derive(Clone, Copy)]
pub(in crate::kms) enum QuestionKind {
    Describe,
    Generate,
    Unwrap,
}

/// A request in the form of two cache keys.
pub(in crate::kms) struct CacheQuestion {
    pub(in crate::kms) key: String,
    /// Cache key of all requests of this kind for this key, whatever the context.
    pub(in crate::kms) of_key: Digest,
    /// Cache key of exactly this request.
    pub(in crate::kms) exactly: Digest,
}

impl CacheQuestion {
    pub(in crate::kms) fn new(kind: QuestionKind, key: &str, wrapped: &[u8], context: &Context) -> Self {
        let kind: &[u8] = match kind {
            QuestionKind::Describe => b"describe",
            QuestionKind::Generate => b"generate",
            QuestionKind::Unwrap => b"unwrap",
        };
        Self {
            key: key.to_owned(),
            of_key: digest(&[kind, key.as_bytes()]),
            exactly: digest(&[kind, key.as_bytes(), wrapped, &canonical(context)]),
        }
    }
}

/// Hashes parts, each preceded by its length, so that no two lists of parts have the same digest by concatenation.
fn digest(parts: &[&[u8]]) -> Digest {
    let mut sha = Sha256::new(&SHA256);
    for part in parts {
        sha.update(&(part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(sha.finish().as_ref());
    digest
}
