//! Body of a request.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::admin::failure::{Code, Failure};
use crate::admin::wire::MAX_DOCUMENT;

/// Time limit for reading the body; a command sends it immediately.
const BODY_LIMIT: Duration = Duration::from_secs(10);

/// Reads a body of at most [`MAX_DOCUMENT`] bytes.
pub(super) async fn read<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, Failure> {
    let incomplete = || Failure::new(Code::Timeout, "the request was not sent completely");
    match tokio::time::timeout(BODY_LIMIT, collect(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) | Err(_) => Err(incomplete()),
    }
}

async fn collect<B: Body<Data = Bytes>>(body: B) -> Result<Result<Bytes, Failure>, B::Error> {
    let mut body = pin!(body);
    let mut read = BytesMut::new();
    let mut length = 0;
    // Reads to the end of a body that is too large, without keeping it, so that the client gets the response.
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            length += data.len();
            if length <= MAX_DOCUMENT {
                read.extend_from_slice(&data);
            }
        }
    }
    if length > MAX_DOCUMENT {
        let message = format!("the body has {length} bytes; the maximum is {MAX_DOCUMENT}");
        return Ok(Err(Failure::new(Code::TooLarge, message)));
    }
    Ok(Ok(read.freeze()))
}
