//! A body that is verified while it passes.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::{Body, StdError};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use strongroom_engine::BodyError;

/// Verifies a body, piece by piece.
pub(crate) trait Verifier: Unpin {
    /// True if the content is as long as the body.
    const KEEPS_LENGTH: bool;

    /// Takes the next bytes of the body. Those before were looked at.
    fn push(&mut self, bytes: Bytes);

    /// Looks at the bytes, up to the next content. `None`: more bytes are needed.
    ///
    /// # Errors
    /// The reason to refuse the body.
    fn next(&mut self) -> Result<Option<Bytes>, BodyError>;

    /// Ends the body.
    ///
    /// # Errors
    /// The reason to refuse the body.
    fn end(self) -> Result<(), BodyError>;
}

/// Body that ends with an error where its verifier refuses it. The rest is not read then.
pub(crate) struct Verified<V> {
    inner: Body,
    /// `None` after the end or an error.
    verifier: Option<V>,
}

impl<V> Verified<V> {
    pub(crate) fn new(inner: Body, verifier: V) -> Self {
        Self {
            inner,
            verifier: Some(verifier),
        }
    }

    fn fail(&mut self, error: StdError) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        self.verifier = None;
        self.inner = Body::empty();
        Poll::Ready(Some(Err(error)))
    }
}

impl<V: Verifier> http_body::Body for Verified<V> {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let this = &mut *self;
        while let Some(verifier) = &mut this.verifier {
            match verifier.next() {
                Ok(Some(content)) => return Poll::Ready(Some(Ok(Frame::data(content)))),
                Ok(None) => {}
                Err(error) => return this.fail(error.into()),
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => verifier.push(frame.into_data().unwrap_or_default()),
                Some(Err(error)) => return this.fail(error),
                None => {
                    if let Some(Err(error)) = this.verifier.take().map(Verifier::end) {
                        return this.fail(error.into());
                    }
                }
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        if V::KEEPS_LENGTH {
            self.inner.size_hint()
        } else {
            SizeHint::default()
        }
    }
}
