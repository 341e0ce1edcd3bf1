//! A body whose SHA-256 was signed.

use crate::request::payload::verified::Verifier;
use crate::response::reply::ReplyContext;
use aws_lc_rs::digest::{Context as Digest, SHA256};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_engine::BodyError;

/// Verifies that a body has the signed SHA-256 and the announced length.
pub(crate) struct Hashed {
    expected: [u8; 32],
    /// Digest of the bytes so far.
    digest: Digest,
    /// Bytes still expected. `None`: the length was not announced.
    left: Option<u64>,
    unread: Option<Bytes>,
    reply: Arc<ReplyContext>,
}

impl Hashed {
    pub(crate) fn new(expected: [u8; 32], length: Option<u64>, reply: Arc<ReplyContext>) -> Self {
        Self {
            expected,
            digest: Digest::new(&SHA256),
            left: length,
            unread: None,
            reply,
        }
    }
}

impl Verifier for Hashed {
    const KEEPS_LENGTH: bool = true;

    fn push(&mut self, bytes: Bytes) {
        self.unread = Some(bytes);
    }

    fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(bytes) = self.unread.take() else {
            return Ok(None);
        };
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(bytes.len() as u64).ok_or(BodyError::TooLong)?;
        }
        self.digest.update(&bytes);
        Ok(Some(bytes))
    }

    fn end(self) -> Result<(), BodyError> {
        if self.left.is_some_and(|left| left > 0) {
            return Err(BodyError::Incomplete);
        }
        let computed = self.digest.finish();
        if computed.as_ref() == self.expected {
            return Ok(());
        }
        self.reply.set_computed_hash(hex::encode(computed));
        Err(BodyError::HashMismatch)
    }
}
