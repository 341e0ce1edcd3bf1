//! GET and HEAD of an object.

use super::put::CONTENT_HEADERS;
use super::{Operations, check_version, timestamp};
use crate::checksum;
use crate::errors::Answer;
use crate::fence::Query;
use crate::front::HeadWithoutKey;
use crate::signed::Taken;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use http_body::Frame;
use http_body_util::StreamBody;
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Metadata, Range,
    StreamingBlob,
};
use s3s::{Body, S3Request, S3Response};
use std::ops;
use strongroom_engine::condition::RangeAsked;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::get::ObjectInfo;
use strongroom_engine::{Content, Error};

/// What S3 says of content that came without a type.
const NO_TYPE: &str = "binary/octet-stream";

pub(super) async fn get_object(
    operations: &Operations,
    request: S3Request<GetObjectInput>,
) -> Result<S3Response<GetObjectOutput>, Answer> {
    let S3Request {
        input,
        uri,
        extensions,
        ..
    } = request;
    let taken = Taken::of(&extensions)?;
    check_version(input.version_id.as_deref())?;
    let asked = Asked::of(input.range, input.part_number, input.checksum_mode.as_ref(), &uri)?;
    let object = operations
        .engine
        .get_object(
            &input.bucket,
            &input.key,
            || taken.encryption.headers(),
            &taken.conditions,
            asked.range,
        )
        .await
        .map_err(|error| Answer::of(&error))?;
    let answer = asked.answer(&object.info, &object.range, &taken);
    let output = GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(length(&object.range)),
        e_tag: Some(ETag::Strong(object.info.etag)),
        last_modified: Some(timestamp(object.info.modified)),
        metadata: metadata(object.info.metadata),
        content_range: asked.content_range(&object.range, object.info.length),
        body: Some(blob(object.content)),
        ..GetObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, answer))
}

pub(super) async fn head_object(
    operations: &Operations,
    request: S3Request<HeadObjectInput>,
) -> Result<S3Response<HeadObjectOutput>, Answer> {
    let S3Request {
        input,
        uri,
        extensions,
        ..
    } = request;
    let taken = Taken::of(&extensions)?;
    check_version(input.version_id.as_deref())?;
    let asked = Asked::of(input.range, input.part_number, input.checksum_mode.as_ref(), &uri)?;
    let head = operations
        .engine
        .head_object(
            &input.bucket,
            &input.key,
            taken.encryption.headers(),
            &taken.conditions,
            asked.range,
        )
        .await;
    let (info, range) = match head {
        Err(Error::Encryption(Refusal::KeyNeeded))
            if operations.settings.head_without_key == HeadWithoutKey::NotFound =>
        {
            return Err(Answer::of(&Error::NoSuchKey(input.key)));
        }
        other => other.map_err(|error| Answer::of(&error))?,
    };
    let answer = asked.answer(&info, &range, &taken);
    let content_range = asked.content_range(&range, info.length);
    let output = HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(length(&range)),
        e_tag: Some(ETag::Strong(info.etag)),
        last_modified: Some(timestamp(info.modified)),
        metadata: metadata(info.metadata),
        content_range,
        ..HeadObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, answer))
}

/// What of a read shapes its answer.
struct Asked {
    range: Option<RangeAsked>,
    /// By part number: the answer is a partial one even if the part is all there is.
    part: bool,
    checksums: bool,
    /// Content headers of the answer that the request sets itself.
    overrides: Vec<(&'static str, HeaderValue)>,
}

impl Asked {
    fn of(
        range: Option<Range>,
        part: Option<i32>,
        checksums: Option<&ChecksumMode>,
        uri: &Uri,
    ) -> Result<Self, Answer> {
        Ok(Self {
            range: self::range(range, part)?,
            part: part.is_some(),
            checksums: checksums.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED),
            overrides: overrides(uri)?,
        })
    }

    /// The headers that s3s has no room for, or would write otherwise than they came.
    fn answer(&self, info: &ObjectInfo, range: &ops::Range<u64>, taken: &Taken) -> HeaderMap {
        let mut answer = HeaderMap::new();
        taken.encryption.tell(info.mode, &mut answer);
        // A checksum over the whole tells nothing of a range.
        if self.checksums && *range == (0..info.length) {
            checksum::tell(&info.checksums, &mut answer);
        }
        answer.insert("content-type", HeaderValue::from_static(NO_TYPE));
        for name in CONTENT_HEADERS {
            let value = info
                .headers
                .get(name)
                .and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
            if let Some(value) = value {
                answer.insert(HeaderName::from_static(name), value);
            }
        }
        for (name, value) in &self.overrides {
            answer.insert(HeaderName::from_static(name), value.clone());
        }
        answer
    }

    fn content_range(&self, range: &ops::Range<u64>, length: u64) -> Option<String> {
        let partial = (self.range.is_some() || self.part) && !range.is_empty();
        partial.then(|| format!("bytes {}-{}/{length}", range.start, range.end - 1))
    }
}

/// The `response-*` parameters of a query. s3s knows them too, but not on HEAD, and lets stored headers win over them.
fn overrides(uri: &Uri) -> Result<Vec<(&'static str, HeaderValue)>, Answer> {
    let mut overrides = Vec::new();
    for (name, value) in &Query::read(uri).0 {
        let header = CONTENT_HEADERS
            .into_iter()
            .find(|header| name.strip_prefix("response-") == Some(header));
        let Some(header) = header else { continue };
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            Answer::invalid_argument(format!("The value of {name} cannot stand in a header."))
        })?;
        overrides.push((header, value));
    }
    Ok(overrides)
}

/// The range that a request asks for. Every object has one part, its number 1.
fn range(range: Option<Range>, part: Option<i32>) -> Result<Option<RangeAsked>, Answer> {
    match (range, part) {
        (Some(_), Some(_)) => Err(Answer::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        )),
        (None, None | Some(1)) => Ok(None),
        (None, Some(_)) => Err(Answer::coded(
            416,
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
        )),
        (Some(Range::Int { first, last }), None) => Ok(Some(RangeAsked::From(first, last))),
        (Some(Range::Suffix { length }), None) => Ok(Some(RangeAsked::Last(length))),
    }
}

fn metadata(metadata: std::collections::BTreeMap<String, String>) -> Option<Metadata> {
    (!metadata.is_empty()).then(|| metadata.into_iter().collect())
}

fn length(range: &ops::Range<u64>) -> i64 {
    i64::try_from(range.end - range.start).unwrap_or(i64::MAX)
}

/// Content as s3s sends it. An error in the middle breaks the connection off: the client sees that it has not got all.
fn blob(content: Content) -> StreamingBlob {
    let frames = content.map(|piece: Result<Bytes, Error>| match piece {
        Ok(bytes) => Ok(Frame::data(bytes)),
        Err(error) => {
            tracing::error!(alarm = "damaged", %error, "reading an object broke off");
            Err(error)
        }
    });
    StreamingBlob::from(Body::http_body_unsync(StreamBody::new(frames)))
}
