//! Contents for scripts: previews. A script shows what it got as text, or as an image whose type is checked here.

use crate::customer_key::Wish;
use crate::failure::Failure;
use crate::operation::GET_OBJECT;
use crate::pages::object::ObjectQuery;
use crate::transfers::Followed;
use crate::visitor::{Target, Values, Visitor};
use axum::body::Body;
use axum::extract::{Path, Query, Request};
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ReadObject, Select};

/// Longest text of a preview.
const MAX_TEXT: u64 = 256 << 10;
/// Largest image of a preview.
const MAX_IMAGE: u64 = 25 << 20;

/// Sends an image whole, or the beginning of a text, with the type that its first bytes have. The stored type counts for
/// nothing: whoever stored the object chose it.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<ObjectQuery>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut head, _) = request.into_parts();
    let wish = Wish::take(&mut head.headers)?;
    let version = query.version()?;
    let target = Target::object(&bucket, &query.key, version);
    let engine = visitor.permit(&GET_OBJECT, target, Values::new()).await?;
    let place = visitor.received.app.transfers.place()?;
    let mut read = ReadObject {
        bucket: bucket.clone(),
        key: query.key.clone(),
        version,
        ..ReadObject::default()
    };
    let mut object = match engine.get_object(&read, || wish.headers()).await {
        Ok(object) => object,
        Err(error) => return Err(visitor.hide_missing(target, error).await),
    };
    let first = object.content.next().await.transpose()?.unwrap_or_default();
    let length = object.info.length;
    let (kind, shown) = match image_type(&first) {
        Some(kind) if length <= MAX_IMAGE => (kind, length),
        Some(_) => return Err(no_preview("The image is larger than 25 MiB.")),
        None if is_text(&first) => ("text/plain; charset=utf-8", length.min(MAX_TEXT)),
        None => return Err(no_preview("It is neither text nor an image of a known type.")),
    };
    let content = if shown < length && (first.len() as u64) < shown {
        // Rare: the first piece is short. Read the range that is shown.
        read.select = Select::Range(ByteRange::From(0, Some(shown - 1)));
        engine.get_object(&read, || wish.headers()).await?.content
    } else {
        let first: Bytes = first.slice(..first.len().min(usize::try_from(shown).unwrap_or(usize::MAX)));
        let rest = object.content.take(if shown < length { 0 } else { usize::MAX });
        futures::stream::iter([Ok(first)]).chain(rest).boxed()
    };
    let content = Followed::new(content, shown, None, place);
    let mut response = Response::new(Body::from_stream(
        content.map(|piece| piece.map_err(std::io::Error::other)),
    ));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(shown));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert("x-strongroom-length", HeaderValue::from(length));
    crate::headers::isolate(headers);
    Ok(response)
}

fn no_preview(why: &str) -> Failure {
    Failure::new(
        http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "NoPreview",
        "There is no preview of this object",
        why,
    )
}

/// Returns the type of an image by its first bytes. No type that can hold scripts is among them.
fn image_type(first: &[u8]) -> Option<&'static str> {
    let at = |range: std::ops::Range<usize>| first.get(range).unwrap_or_default();
    Some(match first {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        _ if at(0..4) == b"RIFF" && at(8..12) == b"WEBP" => "image/webp",
        _ if at(4..8) == b"ftyp" && matches!(at(8..12), b"avif" | b"avis") => "image/avif",
        _ => return None,
    })
}

/// Returns whether the bytes are the beginning of a text in UTF-8.
fn is_text(first: &[u8]) -> bool {
    let shown = first.get(..4096).unwrap_or(first);
    let is_utf8 = match std::str::from_utf8(shown) {
        Ok(_) => true,
        // A character may be cut at the end.
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !shown.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(image_type(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(image_type(b"RIFF1234WEBPVP8 "), Some("image/webp"));
        assert_eq!(image_type(b"\0\0\0\x1cftypavif"), Some("image/avif"));
        for other in [
            "<svg xmlns='http://www.w3.org/2000/svg'>",
            "%PDF-1.7",
            "GIF",
            "",
            "RIFF",
        ] {
            assert_eq!(image_type(other.as_bytes()), None, "{other}");
        }
        assert!(is_text("<script>alert(1)</script>".as_bytes()));
        assert!(is_text(&"ü".as_bytes()[..1]));
        assert!(!is_text(b"a\0b"));
        assert!(!is_text(b"\xff\xfe"));
    }
}
