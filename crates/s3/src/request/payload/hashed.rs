//! A body whose SHA-256 was signed.

use crate::response::reply::ReplyContext;
use aws_lc_rs::digest::{Context as Digest, SHA256};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::{Body, StdError};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use strongroom_engine::BodyError;

/// Body that ends with an error unless it has the signed SHA-256 and the announced length.
pub(crate) struct Hashed {
    inner: Body,
    expected: [u8; 32],
    /// Digest of the bytes so far. `None` after the end.
    digest: Option<Digest>,
    /// Bytes still expected. `None`: the length was not announced.
    left: Option<u64>,
    reply: Arc<ReplyContext>,
}

impl Hashed {
    pub(crate) fn new(
        inner: Body,
        expected: [u8; 32],
        length: Option<u64>,
        reply: Arc<ReplyContext>,
    ) -> Self {
        Self {
            inner,
            expected,
            digest: Some(Digest::new(&SHA256)),
            left: length,
            reply,
        }
    }

    fn follow(&mut self, bytes: &[u8]) -> Result<(), BodyError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(bytes.len() as u64).ok_or(BodyError::TooLong)?;
        }
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), BodyError> {
        let Some(digest) = self.digest.take() else {
            return Ok(());
        };
        if self.left.is_some_and(|left| left > 0) {
            return Err(BodyError::Incomplete);
        }
        let computed = digest.finish();
        if computed.as_ref() == self.expected {
            return Ok(());
        }
        self.reply.set_computed_hash(hex::encode(computed));
        Err(BodyError::HashMismatch)
    }
}

impl http_body::Body for Hashed {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()?;
        let followed = match &frame {
            Some(frame) => frame.data_ref().map_or(Ok(()), |bytes| self.follow(bytes)),
            None => self.end(),
        };
        match followed {
            Ok(()) => Poll::Ready(frame.map(Ok)),
            Err(error) => {
                self.digest = None;
                self.inner = Body::empty();
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
