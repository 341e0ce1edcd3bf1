//! The content of a download: a body that ends by itself after a time.

use crate::request::buffers::Reservation;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http_body::Frame;
use http_body_util::StreamBody;
use s3s::dto::StreamingBlob;
use s3s::{Body, StdError};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use strongroom_engine::PlaintextStream;
use tokio::task::AbortHandle;

#[cfg(test)]
mod tests;

/// Content that is being sent. An error in the middle closes the connection, so that the client sees that the content is
/// incomplete.
pub(super) struct Download {
    content: Shared,
    timer: AbortHandle,
    has_ended: bool,
    /// Kept until the content was sent.
    _reservation: Reservation,
}

/// Content until its end, which the timer takes away from the download.
type Shared = Arc<Mutex<Option<PlaintextStream>>>;

impl Download {
    /// Starts a download that ends after `longest`, even if nobody reads: the content, which may be deleted meanwhile, stays
    /// on the disk until then.
    pub(super) fn new(content: PlaintextStream, reservation: Reservation, longest: Duration) -> Self {
        let content: Shared = Arc::new(Mutex::new(Some(content)));
        let shared = Arc::clone(&content);
        let timer = tokio::spawn(async move {
            tokio::time::sleep(longest).await;
            let seconds = longest.as_secs();
            if take(&shared).is_some() {
                tracing::info!(
                    seconds,
                    "a download ended because it took longer than requests.longest_read"
                );
            }
        });
        Self {
            content,
            timer: timer.abort_handle(),
            has_ended: false,
            _reservation: reservation,
        }
    }

    /// Returns the content as s3s sends it.
    pub(super) fn into_blob(self) -> StreamingBlob {
        let frames = self.map(|piece| Ok::<_, StdError>(Frame::data(piece?)));
        StreamingBlob::from(Body::http_body_unsync(StreamBody::new(frames)))
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.timer.abort();
        take(&self.content);
    }
}

impl Stream for Download {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let next = match &mut *self.content.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(content) => ready!(content.poll_next_unpin(cx)),
            None => return Poll::Ready(Some(Err("the download took too long".into()))),
        };
        Poll::Ready(match next {
            Some(Ok(piece)) => Some(Ok(piece)),
            Some(Err(error)) => {
                tracing::error!(alarm = "damaged", %error, "reading an object failed in the middle of the response");
                self.end();
                Some(Err(error.into()))
            }
            None => {
                self.end();
                None
            }
        })
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

fn take(content: &Shared) -> Option<PlaintextStream> {
    content.lock().unwrap_or_else(PoisonError::into_inner).take()
}
