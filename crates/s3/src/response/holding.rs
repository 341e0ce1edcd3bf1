//! Bodies that hold something until they were sent.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::{Body, StdError};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Value that a body holds.
pub(crate) trait HeldByBody: Send + Unpin + 'static {
    /// Notes the length of a piece that passes, in bytes.
    fn note(&self, _bytes: u64) {}
}

/// Returns a body that drops `held` when it was sent, or is dropped before.
pub(crate) fn holding(body: Body, held: impl HeldByBody) -> Body {
    Body::http_body_unsync(Holding { body, held })
}

struct Holding<H> {
    body: Body,
    held: H,
}

impl<H: HeldByBody> http_body::Body for Holding<H> {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.held.note(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    /// The server writes it in `Content-Length`.
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
