//! Questions to a key management service, in the forms that answers are remembered by.

use crate::kms::context::{Context, canonical};
use crate::kms::timed::Digest;
use aws_lc_rs::digest::{Context as Sha256, SHA256};

/// What is asked of a service. Part of what answers are found by.
#[derive(Clone, Copy)]
pub(in crate::kms) enum QuestionKind {
    Describe,
    Generate,
    Unwrap,
}

/// A question, in the two forms that answers are found by.
pub(in crate::kms) struct CacheQuestion {
    pub(in crate::kms) key: String,
    /// Of the question, whatever the context.
    pub(in crate::kms) of_key: Digest,
    /// Of the question and all that belongs to it.
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

/// Of parts with their lengths before them, so that no two lists of parts run together.
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
