//! Downloads that the browser saves by itself: by a link, or by a form that brings the key.

use crate::address;
use crate::customer_key::GivenKey;
use crate::failure::Failure;
use crate::operation::GET_OBJECT;
use crate::pages::key_form::{self, Asked, Wanted};
use crate::pages::object::ObjectQuery;
use crate::transfers::{Followed, Progress, TransferPlace};
use crate::visitor::{Target, Values, Visitor};
use axum::body::Body;
use axum::extract::{Path, Query, Request};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use multer::Multipart;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::sync::Arc;
use strongroom_engine::encryption::{EncryptionHeaders, Refusal};
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::{Error, Mode};
use strongroom_keys::customer_key;
use zeroize::Zeroizing;

/// Maximum size of a form with a key, in bytes: a key of an object is at most 1 KiB, escaped three times as long.
const MAX_FORM: usize = 16 << 10;

/// Query of the link.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct DownloadQuery {
    key: String,
    version: String,
    /// Reason why the form is shown again.
    e: String,
}

/// Form that brings the key.
#[derive(Default)]
struct DownloadForm {
    key: String,
    version: String,
    /// Key in base64, of a script.
    base64: Option<Zeroizing<String>>,
    /// Key as a person gave it: a file, or a text.
    given: Option<Zeroizing<Vec<u8>>>,
    /// Id under which the page asks how far the download is.
    transfer: Option<String>,
}

/// Answers the link: the bytes, or for an object of its owner's key the page with the field, with status 400.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response, Failure> {
    let object = ObjectQuery {
        key: query.key,
        version: query.version,
    };
    let version = object.version()?;
    let target = Target::object(&bucket, &object.key, version);
    let engine = visitor.permit(&GET_OBJECT, target, Values::new()).await?;
    let summary = match engine.object_summary(&bucket, &object.key, version).await {
        Ok(summary) => summary,
        Err(error) => return Err(visitor.hide_missing(target, error).await),
    };
    if summary.encrypted.mode == Mode::Customer {
        let asked = match query.e.as_str() {
            "wrong-key" => Asked::Wrong,
            "not-a-key" => Asked::Unreadable,
            _ => Asked::Missing,
        };
        let wanted = Wanted {
            bucket: &bucket,
            key: &object.key,
            version,
        };
        return Ok(key_form::show(&visitor, &wanted, &summary, asked));
    }
    send(&visitor, target, None, None).await
}

/// Answers the form. No page is the response: a browser keeps the body of a form whose response is one. A wrong key leads
/// back to the page of the link; a script gets no content and asks for the reason.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let form = DownloadForm::read(request).await?;
    let object = ObjectQuery {
        key: form.key,
        version: form.version,
    };
    let version = object.version()?;
    let target = Target::object(&bucket, &object.key, version);
    let progress = form.transfer.map(|id| {
        let transfers = &visitor.received.app.transfers;
        transfers.follow(visitor.digest, &id, visitor.received.now)
    });
    let by_script = progress.clone();
    let back = |reason: &str| {
        let link = address::of_object(&bucket, "download", &object.key, version);
        Redirect::to(&format!("{link}&e={reason}")).into_response()
    };
    let key = match (form.base64, form.given) {
        (Some(base64), _) => Some(GivenKey::new(base64)),
        (None, Some(given)) => match customer_key::read(&given) {
            Ok(read) => Some(GivenKey::new(read.key.base64())),
            Err(_) => return Ok(back("not-a-key")),
        },
        (None, None) => None,
    };
    match send(&visitor, target, key, progress).await {
        Ok(response) => Ok(response),
        Err(failure) => match by_script {
            // 204 never replaces a document, so the frame of the page keeps none with the key in its request.
            Some(progress) => {
                progress.fail(failure);
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            None if failure.status == StatusCode::FORBIDDEN && failure.action.is_none() => {
                Ok(back("wrong-key"))
            }
            None if failure.status == StatusCode::BAD_REQUEST => Ok(back("no-key")),
            None => Err(failure),
        },
    }
}

impl DownloadForm {
    async fn read(request: Request) -> Result<Self, Failure> {
        let unreadable = |_: serde_urlencoded::de::Error| Failure::invalid("The form cannot be read.");
        let too_long = |_| Failure::invalid("The form is too long.");
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = Limited::new(request.into_body(), MAX_FORM)
            .collect()
            .await
            .map_err(too_long)?
            .to_bytes();
        let mut form = Self::default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            let fields: Vec<(String, Zeroizing<String>)> =
                serde_urlencoded::from_bytes(&body).map_err(unreadable)?;
            for (name, value) in fields {
                form.set(&name, value.as_bytes());
            }
            return Ok(form);
        }
        let boundary =
            multer::parse_boundary(&kind).map_err(|_| Failure::invalid("The request has no form."))?;
        let stream = futures::stream::iter([Ok::<Bytes, std::io::Error>(body)]);
        let mut fields = Multipart::new(stream, boundary);
        while let Some(field) = fields
            .next_field()
            .await
            .map_err(|_| Failure::invalid("The form cannot be read."))?
        {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field
                .bytes()
                .await
                .map_err(|_| Failure::invalid("The form cannot be read."))?;
            form.set(&name, &bytes);
        }
        Ok(form)
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        let text = || String::from_utf8_lossy(value).into_owned();
        match name {
            "key" => self.key = text(),
            "version" => self.version = text(),
            "transfer" => self.transfer = Some(text().chars().take(64).collect()),
            crate::customer_key::KEY => self.base64 = Some(Zeroizing::new(text())),
            // A browser sends both fields; the one that is filled counts, the file first.
            "key-file" if !value.is_empty() => self.given = Some(Zeroizing::new(value.to_vec())),
            "key-text" if !value.is_empty() && self.given.is_none() => {
                self.given = Some(Zeroizing::new(value.to_vec()));
            }
            _ => {}
        }
    }
}

/// Sends an object as a file.
async fn send(
    visitor: &Visitor,
    target: Target<'_>,
    key: Option<GivenKey>,
    progress: Option<Arc<Progress>>,
) -> Result<Response, Failure> {
    let engine = visitor.permit(&GET_OBJECT, target, Values::new()).await?;
    let place = visitor.received.app.transfers.place()?;
    let object_key = target.key.unwrap_or_default();
    let read = ReadObject {
        bucket: target.bucket.to_owned(),
        key: object_key.to_owned(),
        version: target.version,
        ..ReadObject::default()
    };
    let headers = || {
        key.as_ref()
            .map_or_else(EncryptionHeaders::default, GivenKey::headers)
    };
    let object = match engine.get_object(&read, headers).await {
        Ok(object) => object,
        Err(error @ Error::Encryption(Refusal::WrongKey)) => return Err(Failure::from(error)),
        Err(error) => return Err(visitor.hide_missing(target, error).await),
    };
    Ok(attachment(
        object.content,
        object.info.length,
        object_key,
        progress,
        place,
    ))
}

fn attachment(
    content: strongroom_engine::PlaintextStream,
    length: u64,
    key: &str,
    progress: Option<Arc<Progress>>,
    place: TransferPlace,
) -> Response {
    let content = Followed::new(content, length, progress, place);
    let content = content.map(|piece| piece.map_err(std::io::Error::other));
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // A browser would resume by a request without the key.
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    if let Ok(disposition) = HeaderValue::try_from(disposition(key)) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    crate::headers::isolate(headers);
    response
}

/// Returns the header that names the file (RFC 6266). The name is the last step of the key, without what a file system or a
/// person could take for something else.
fn disposition(key: &str) -> String {
    let last = key.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let safe: String = crate::text::plain(last)
        .chars()
        .map(|letter| {
            if "\\/:*?\"<>|".contains(letter) || letter.is_control() {
                '_'
            } else {
                letter
            }
        })
        .collect();
    let safe = safe.trim_start_matches('.').trim_end_matches(['.', ' ']);
    let stem = safe.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
    let safe = match safe {
        "" => "object".to_owned(),
        device if is_device => format!("_{device}"),
        // The longest name of a file is 255 bytes.
        long => long
            .char_indices()
            .take_while(|(at, letter)| at + letter.len_utf8() <= 200)
            .map(|(_, letter)| letter)
            .collect(),
    };
    let ascii: String = safe
        .chars()
        .map(|letter| {
            if letter.is_ascii() && letter != '%' {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let escaped = utf8_percent_encode(&safe, NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{escaped}")
}

/// Tells how far a download is.
pub(crate) async fn report(visitor: Visitor, Path(id): Path<String>) -> Result<Response, Failure> {
    let report = visitor.received.app.transfers.report(visitor.digest, &id);
    report
        .map(|report| axum::Json(report).into_response())
        .ok_or_else(Failure::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless() {
        let named = |key| {
            let header = disposition(key);
            let (_, rest) = header.split_once("filename=\"").unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        assert_eq!(named("2026/plan.pdf"), "plan.pdf");
        assert_eq!(named("a\"b\r\nc.html"), "a_b[U+000D][U+000A]c.html");
        assert_eq!(named("../../.bashrc"), "bashrc");
        assert_eq!(named("x/.."), "object");
        assert_eq!(named("folder/"), "folder");
        assert_eq!(named("con.txt"), "_con.txt");
        assert_eq!(named("LPT1"), "_LPT1");
        assert_eq!(named("x\u{202e}gpj.exe"), "x[U+202E]gpj.exe");
        assert_eq!(named("a:b|c?.txt"), "a_b_c_.txt");
        assert_eq!(named("Größe.txt"), "Gr__e.txt");
        assert!(disposition("Größe.txt").ends_with("filename*=UTF-8''Gr%C3%B6%C3%9Fe%2Etxt"));
        assert!(disposition(&"ü".repeat(512)).len() < 2000);
    }
}
