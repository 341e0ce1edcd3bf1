//! Closing of a connection whose client may still be sending (RFC 9112 section 9.6).
//!
//! If a socket with unread bytes is closed, or bytes arrive after that, the kernel resets the connection, and the client
//! may lose a response that it has not read yet: it reports a broken connection instead of the error in the response.
//! Most clients send the whole body before they read. Therefore the server reads on and discards, until the client
//! closes the connection, within limits; nginx calls it `lingering_close`.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Time limit for the client to close the connection.
const LIMIT: Duration = Duration::from_secs(30);
/// Time limit for the next bytes to arrive.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
/// Maximum number of discarded bytes.
const MAX_DISCARDED: usize = 1 << 30;
/// Size of the buffer that the bytes are discarded from. It is freed and so wiped at the end.
const BUFFER: usize = 64 << 10;

/// A connection that is being closed.
pub(super) struct Lingering {
    limit: Pin<Box<Sleep>>,
    silence: Pin<Box<Sleep>>,
    left: usize,
    buffer: Box<[u8]>,
}

impl Lingering {
    /// Starts the time limits.
    pub(super) fn new() -> Self {
        Self {
            limit: Box::pin(sleep(LIMIT)),
            silence: Box::pin(sleep(SILENCE_LIMIT)),
            left: MAX_DISCARDED,
            buffer: vec![0; BUFFER].into(),
        }
    }

    /// Reads and discards until the client has closed the connection or a limit is reached.
    pub(super) fn poll_end(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        while self.limit.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut self.buffer);
            match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let Some(left) = self.left.checked_sub(buffer.filled().len()) else {
                        break;
                    };
                    self.left = left;
                    self.silence.as_mut().reset(Instant::now() + SILENCE_LIMIT);
                }
                Poll::Ready(_) => break,
                Poll::Pending => return self.silence.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    }
}
