//! Parser of forms (RFC 7578): the fields, and the file as a stream.

use crate::form::error::{malformed, missing};
use crate::request::body;
use crate::request::document::Document;
use crate::request::new_object::CONTENT_HEADERS;
use crate::request::sse;
use crate::response::error::ErrorResponse;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream, Stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use multer::{Field, Multipart};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{Body, StdError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, ready};
use strongroom_engine::{self as engine, BodyError};
use zeroize::Zeroizing;

/// Maximum total size of the names and values of fields, in bytes, as on AWS.
const MAX_FIELDS: usize = 20 * 1024;
/// Maximum length of the file's own name, in bytes.
const MAX_NAME: usize = 1024;
/// Maximum length of a key after the file's name is inserted, in bytes.
const MAX_KEY: usize = 16 * 1024;
/// Maximum number of bytes that are read before the file, and after it. The parser buffers what it has not recognized
/// yet.
pub(crate) const MAX_BEFORE_FILE: usize = 64 << 10;
/// Maximum size of the pieces that the parser gets, in bytes.
const PIECE: usize = 16 << 10;
/// Headers that a form may set. [`MAY_BEGIN`] adds prefixes.
const MAY_BE: [&str; 6] = [
    "content-md5",
    "x-amz-expected-bucket-owner",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-acl",
];
const MAY_BEGIN: [&str; 4] = [
    "x-amz-checksum-",
    "x-amz-meta-",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption",
];

/// The fields of a form before its file, by lower-case name, and the file's own name.
pub(crate) struct Fields {
    pairs: Vec<(String, Zeroizing<String>)>,
    file_name: String,
}

/// Reads a form up to its file.
///
/// # Errors
/// The error response.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<(Fields, engine::Body), ErrorResponse> {
    let boundary = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = boundary.and_then(|kind| multer::parse_boundary(kind).ok());
    let beside = Beside::default();
    let mut form = Multipart::new(beside.watch(body), boundary.ok_or_else(malformed)?);
    let (mut pairs, mut size) = (Vec::<(String, Zeroizing<String>)>::new(), 0);
    loop {
        // The name of the next field.
        let field = form.next_field().await.map_err(|error| broken(&error))?;
        let Some(mut field) = field else {
            return Err(ErrorResponse::invalid_argument(
                "POST requires exactly one file upload per request.",
            )
            .with("ArgumentName", "file")
            .with("ArgumentValue", "0"));
        };
        let name = field.name().ok_or_else(malformed)?.to_ascii_lowercase();
        if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed());
        }
        // The file ends the list of fields; its content is not read here.
        if name == "file" {
            let file_name = field.file_name().unwrap_or_default();
            // Some browsers send the full path.
            let file_name = file_name
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned();
            if file_name.len() > MAX_NAME {
                return Err(malformed());
            }
            return Ok((Fields { pairs, file_name }, content(form, field, beside)));
        }
        // The value, in a buffer that is wiped: it may be a customer key.
        let mut value = Zeroizing::new(Vec::new());
        size += name.len();
        while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
            size += piece.len();
            if size > MAX_FIELDS {
                return Err(too_large());
            }
            value.extend_from_slice(&piece);
        }
        let value = str::from_utf8(&value).map_err(|_| malformed())?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(ErrorResponse::invalid_argument(format!(
                "The field {name} was sent more than once."
            )));
        }
        pairs.push((name, Zeroizing::new(value.to_owned())));
    }
}

/// Returns the file as a stream. The stream ends at the end of the form: the rest after the file is read and dropped,
/// and only then is the file known to be complete.
fn content(form: Multipart<'static>, file: Field<'static>, beside: Beside) -> engine::Body {
    beside.pass_on();
    stream::unfold(Some((form, file, beside)), |state| async {
        let (form, mut file, beside) = state?;
        match file.chunk().await {
            Ok(Some(piece)) => Some((Ok(piece), Some((form, file, beside)))),
            Ok(None) => {
                drop(file);
                beside.begin();
                end(form).await.err().map(|error| (Err(error), None))
            }
            Err(error) => Some((Err(cause(&error)), None)),
        }
    })
    .boxed()
}

/// Reads a form to its end.
async fn end(mut form: Multipart<'static>) -> Result<(), BodyError> {
    while let Some(mut field) = form.next_field().await.map_err(|error| cause(&error))? {
        let name = field.name().unwrap_or_default().to_ascii_lowercase();
        if sse::is_about_encryption(name.trim()) {
            return Err(BodyError::Malformed(
                "fields about encryption must precede the file".to_owned(),
            ));
        }
        while field.chunk().await.map_err(|error| cause(&error))?.is_some() {}
    }
    Ok(())
}

/// Returns the error of a body that the parser could not read.
fn cause(error: &multer::Error) -> BodyError {
    match error {
        multer::Error::StreamReadFailed(error) => body::cause(error),
        _ => BodyError::Incomplete,
    }
}

/// Returns the response to a form whose fields could not be read.
fn broken(error: &multer::Error) -> ErrorResponse {
    match error {
        multer::Error::StreamReadFailed(error) if error.is::<TooMuchBeside>() => too_large(),
        multer::Error::StreamReadFailed(error) if body::cause(error) == BodyError::Stalled => {
            ErrorResponse::of(&BodyError::Stalled.into())
        }
        _ => malformed(),
    }
}

fn too_large() -> ErrorResponse {
    ErrorResponse::coded(
        400,
        "MaxPostPreDataLengthExceeded",
        "Your POST request fields preceding the upload file were too large.",
    )
}

/// A form has more than [`MAX_BEFORE_FILE`] bytes before its file or after it.
#[derive(Debug)]
struct TooMuchBeside;

impl std::fmt::Display for TooMuchBeside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the form has too many bytes outside its file")
    }
}

impl std::error::Error for TooMuchBeside {}

/// Counts the bytes of a form outside its file.
#[derive(Clone, Default)]
struct Beside(Arc<AtomicUsize>);

/// Value while the file is read: nothing is counted.
const NOT_COUNTED: usize = usize::MAX;

impl Beside {
    fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn pass_on(&self) {
        self.0.store(NOT_COUNTED, Ordering::Relaxed);
    }

    /// Returns the bytes of a form in small pieces. The stream ends with an error if there are too many outside the file.
    fn watch(&self, body: Body) -> impl Stream<Item = Result<Bytes, StdError>> + Send + use<> {
        let counted = Arc::clone(&self.0);
        let (mut body, mut unread, mut pauses) = (body, Bytes::new(), false);
        stream::poll_fn(move |cx| {
            // The parser reads until nothing is ready, and buffers it all. A pause after each piece lets it parse first.
            pauses = !pauses;
            if !pauses {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            while unread.is_empty() {
                match ready!(body.poll_next_unpin(cx)) {
                    Some(Ok(piece)) => unread = piece,
                    other => return Poll::Ready(other),
                }
            }
            let piece = unread.split_to(PIECE.min(unread.len()));
            let before = counted.load(Ordering::Relaxed);
            if before != NOT_COUNTED {
                let bytes = before + piece.len();
                if bytes > MAX_BEFORE_FILE {
                    return Poll::Ready(Some(Err(TooMuchBeside.into())));
                }
                counted.store(bytes, Ordering::Relaxed);
            }
            Poll::Ready(Some(Ok(piece)))
        })
    }
}

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the key of the object, with the file's name inserted for `${filename}`.
    pub(crate) fn key(&self) -> Result<String, ErrorResponse> {
        let key = self.get("key").ok_or_else(|| missing("key"))?;
        let length = key.len() + key.matches("${filename}").count() * self.file_name.len();
        if length > MAX_KEY {
            return Err(ErrorResponse::of(&engine::Error::KeyTooLong(length)));
        }
        let key = key.replace("${filename}", &self.file_name);
        if key.is_empty() {
            return Err(
                ErrorResponse::invalid_argument("User key must have a length greater than 0.")
                    .with("ArgumentName", "key"),
            );
        }
        Ok(key)
    }

    /// Drops the fields of a customer key, after they have become headers.
    pub(crate) fn forget_customer_key(&mut self) {
        self.pairs.retain(|(name, _)| !sse::is_about_customer_key(name));
    }

    /// Returns the fields as headers of a PUT.
    pub(crate) fn headers(&self) -> Result<HeaderMap, ErrorResponse> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.pairs {
            match name.as_str() {
                "x-amz-algorithm" | "x-amz-credential" | "x-amz-date" | "x-amz-signature" => {}
                "acl" => insert(&mut headers, "x-amz-acl", value)?,
                "tagging" => insert(&mut headers, "x-amz-tagging", &tags(value)?)?,
                name if is_header(name) => insert(&mut headers, name, value)?,
                name if name.starts_with("x-amz-") => {
                    return Err(ErrorResponse::not_implemented(format!(
                        "The field {name} is not implemented for forms."
                    )));
                }
                // A field of the form itself, or of the page.
                _ => {}
            }
        }
        Ok(headers)
    }
}

fn is_header(field: &str) -> bool {
    CONTENT_HEADERS.contains(&field)
        || MAY_BE.contains(&field)
        || MAY_BEGIN.iter().any(|start| field.starts_with(start))
}

/// Converts the tags in the document of a form to the format of the header.
fn tags(document: &str) -> Result<String, ErrorResponse> {
    let document = Document::read(document.as_bytes())?;
    let set = document.root().expect_only(&["TagSet"])?.expect_one("TagSet")?;
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut pairs = Vec::new();
    for tag in set.expect_only(&["Tag"])?.each("Tag") {
        let tag = tag.expect_only(&["Key", "Value"])?;
        let text = |name| tag.text_of(name).map(Option::unwrap_or_default);
        pairs.push(format!("{}={}", encode(text("Key")?), encode(text("Value")?)));
    }
    Ok(pairs.join("&"))
}

/// Stream of the file of a form.
pub(crate) type File = BoxStream<'static, Result<Bytes, BodyError>>;

/// Converts a field to a header.
fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ErrorResponse> {
    let pair = (
        HeaderName::try_from(name),
        HeaderValue::from_bytes(value.as_bytes()),
    );
    match pair {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => Err(ErrorResponse::invalid_argument(format!(
            "The field {name:?} is not a valid header."
        ))),
    }
}

/// Adds the header of a field.
fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), ErrorResponse> {
    let (name, value) = header(name, value)?;
    headers.insert(name, value);
    Ok(())
}
