//! Lines of a response.

use std::io;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;

use super::wire::MAX_DOCUMENT;

#[cfg(test)]
mod tests;

/// Reader of the lines of a body.
pub(super) struct Lines<B> {
    body: B,
    /// Bytes after the last line that was returned.
    rest: BytesMut,
}

/// Reasons why the next line is missing.
#[derive(Debug)]
pub(super) enum NoLine<E> {
    Body(E),
    /// The body is not a sequence of lines.
    Malformed(io::Error),
}

impl<B: Body<Data = Bytes> + Unpin> Lines<B> {
    pub(super) fn of(body: B) -> Self {
        Self {
            body,
            rest: BytesMut::new(),
        }
    }

    /// Returns the next line, with its line end. `None`: the body has ended.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, NoLine<B::Error>> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.rest.split_to(end + 1).freeze()));
            }
            if self.rest.len() >= MAX_DOCUMENT {
                return Err(malformed("a line is too long"));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.rest.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(NoLine::Body(error)),
                None if self.rest.is_empty() => return Ok(None),
                None => return Err(malformed("the last line is incomplete")),
            }
        }
    }
}

fn malformed<E>(why: &'static str) -> NoLine<E> {
    NoLine::Malformed(io::Error::new(io::ErrorKind::InvalidData, why))
}
