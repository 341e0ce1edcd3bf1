//! Taking a form apart (RFC 7578): its fields, and its file as a stream.

use super::{BROKEN, insert, malformed, missing};
use crate::body::STALLED;
use crate::document::Document;
use crate::errors::Answer;
use crate::new_object::CONTENT_HEADERS;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use multer::{Field, Multipart};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::Body;
use strongroom_engine as engine;

/// The most bytes of names and values of fields, as on AWS.
const MOST_FIELDS: usize = 20 * 1024;
/// The most bytes behind the file that are read.
const MOST_BEHIND: usize = 64 * 1024;

/// The fields of a form before its file, by lower-case name; and the file's own name.
pub(super) struct Fields {
    pairs: Vec<(String, String)>,
    file_name: String,
}

/// Reads a form up to its file.
///
/// # Errors
/// The answer to send.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<(Fields, engine::Body), Answer> {
    let boundary = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = boundary.and_then(|kind| multer::parse_boundary(kind).ok());
    let mut form = Multipart::new(body.into_data_stream(), boundary.ok_or_else(malformed)?);
    let (mut pairs, mut size) = (Vec::<(String, String)>::new(), 0);
    loop {
        let next = tokio::time::timeout(STALLED, form.next_field()).await;
        let field = next.map_err(|_| malformed())?.map_err(|_| malformed())?;
        let Some(mut field) = field else {
            return Err(
                Answer::invalid_argument("POST requires exactly one file upload per request.")
                    .with("ArgumentName", "file")
                    .with("ArgumentValue", "0"),
            );
        };
        let name = field.name().ok_or_else(malformed)?.to_ascii_lowercase();
        if name == "file" {
            let file_name = field.file_name().unwrap_or_default();
            // Some browsers send the whole path.
            let file_name = file_name
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned();
            return Ok((Fields { pairs, file_name }, content(form, field)));
        }
        let mut value = Vec::new();
        size += name.len();
        while let Some(piece) = tokio::time::timeout(STALLED, field.chunk())
            .await
            .map_err(|_| malformed())?
            .map_err(|_| malformed())?
        {
            size += piece.len();
            if size > MOST_FIELDS {
                return Err(Answer::coded(
                    400,
                    "MaxPostPreDataLengthExceeded",
                    "Your POST request fields preceding the upload file were too large.",
                ));
            }
            value.extend_from_slice(&piece);
        }
        let value = String::from_utf8(value).map_err(|_| malformed())?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(Answer::invalid_argument(format!(
                "The field {name} was sent more than once."
            )));
        }
        pairs.push((name, value));
    }
}

/// The file as a stream. What comes behind it is read and dropped, so that the answer arrives.
fn content(form: Multipart<'static>, file: Field<'static>) -> engine::Body {
    stream::unfold(Some((form, Some(file))), |state| async {
        let (mut form, file) = state?;
        let mut file = file?;
        match tokio::time::timeout(STALLED, file.chunk()).await {
            Ok(Ok(Some(piece))) => Some((Ok(piece), Some((form, Some(file))))),
            Ok(Ok(None)) => {
                drop(file);
                let mut behind = 0;
                while let Ok(Some(mut field)) = form.next_field().await {
                    while let Ok(Some(piece)) = field.chunk().await {
                        behind += piece.len();
                        if behind > MOST_BEHIND {
                            return None;
                        }
                    }
                }
                None
            }
            _ => Some((Err(BROKEN), None)),
        }
    })
    .boxed()
}

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// The key of the object, the file's name put in where it asks for it.
    pub(super) fn key(&self) -> Result<String, Answer> {
        let key = self.get("key").ok_or_else(|| missing("key"))?;
        let key = key.replace("${filename}", &self.file_name);
        if key.is_empty() {
            return Err(
                Answer::invalid_argument("User key must have a length greater than 0.")
                    .with("ArgumentName", "key"),
            );
        }
        Ok(key)
    }

    /// The fields as headers of a PUT.
    pub(super) fn headers(&self) -> Result<HeaderMap, Answer> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.pairs {
            match name.as_str() {
                "x-amz-algorithm" | "x-amz-credential" | "x-amz-date" | "x-amz-signature" => {}
                "acl" => insert(&mut headers, "x-amz-acl", value)?,
                "tagging" => insert(&mut headers, "x-amz-tagging", &tags(value)?)?,
                name if name.starts_with("x-amz-") || CONTENT_HEADERS.contains(&name) => {
                    insert(&mut headers, name, value)?;
                }
                // Of the form itself, or the page's own.
                _ => {}
            }
        }
        for name in ["x-amz-copy-source", "x-amz-security-token"] {
            if headers.contains_key(name) {
                return Err(Answer::not_implemented(format!(
                    "The field {name} is not implemented for forms."
                )));
            }
        }
        Ok(headers)
    }
}

/// Tags as a header has them, from the document that a form has.
fn tags(document: &str) -> Result<String, Answer> {
    let document = Document::read(document.as_bytes())?;
    let set = document.root().knows(&["TagSet"])?.need("TagSet")?;
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut pairs = Vec::new();
    for tag in set.knows(&["Tag"])?.each("Tag") {
        let tag = tag.knows(&["Key", "Value"])?;
        let text = |name| tag.text_of(name).map(Option::unwrap_or_default);
        pairs.push(format!("{}={}", encode(text("Key")?), encode(text("Value")?)));
    }
    Ok(pairs.join("&"))
}

/// What a form's file is read as.
pub(super) type File = BoxStream<'static, Result<bytes::Bytes, engine::BodyError>>;
