//! GET and HEAD of an object.

use super::put::CONTENT_HEADERS;
use super::{Operations, check_version, timestamp};
use crate::errors::Answer;
use crate::front::HeadWithoutKey;
use crate::{checksum, sse};
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use s3s::dto::{
    ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Metadata, Range,
    StreamingBlob, Timestamp,
};
use s3s::{Body, S3Request, S3Response};
use std::ops;
use strongroom_engine::condition::{EtagCondition, RangeAsked, ReadConditions};
use strongroom_engine::encryption::Refusal;
use strongroom_engine::get::ObjectInfo;
use strongroom_engine::{Content, Error};
use time::OffsetDateTime;

/// What S3 says of content that came without a type.
const NO_TYPE: &str = "binary/octet-stream";

pub(super) async fn get_object(
    operations: &Operations,
    request: S3Request<GetObjectInput>,
) -> Result<S3Response<GetObjectOutput>, Answer> {
    let S3Request { input, headers, .. } = request;
    check_version(input.version_id.as_deref())?;
    let asked = Asked {
        range: range(input.range, input.part_number)?,
        part: input.part_number.is_some(),
        checksums: input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED"),
    };
    let conditions = conditions(
        input.if_match,
        input.if_none_match,
        input.if_modified_since,
        input.if_unmodified_since,
    );
    let object = operations
        .engine
        .get_object(
            &input.bucket,
            &input.key,
            || sse::of_request(&headers),
            &conditions,
            asked.range,
        )
        .await
        .map_err(|error| Answer::of(&error))?;
    let answer = asked.answer(&object.info, &object.range, &headers);
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
    let S3Request { input, headers, .. } = request;
    check_version(input.version_id.as_deref())?;
    let asked = Asked {
        range: range(input.range, input.part_number)?,
        part: input.part_number.is_some(),
        checksums: input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED"),
    };
    let conditions = conditions(
        input.if_match,
        input.if_none_match,
        input.if_modified_since,
        input.if_unmodified_since,
    );
    let head = operations
        .engine
        .head_object(
            &input.bucket,
            &input.key,
            sse::of_request(&headers),
            &conditions,
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
    let answer = asked.answer(&info, &range, &headers);
    let content_range = asked.content_range(&range, info.length);
    let status = if content_range.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let output = HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(length(&range)),
        e_tag: Some(ETag::Strong(info.etag)),
        last_modified: Some(timestamp(info.modified)),
        metadata: metadata(info.metadata),
        content_range,
        ..HeadObjectOutput::default()
    };
    let mut response = S3Response::with_headers(output, answer);
    response.status = Some(status);
    Ok(response)
}

/// What of a read shapes its answer.
struct Asked {
    range: Option<RangeAsked>,
    /// By part number: the answer is a partial one even if the part is all there is.
    part: bool,
    checksums: bool,
}

impl Asked {
    /// The headers that s3s has no room for, or would write otherwise than they came.
    fn answer(&self, info: &ObjectInfo, range: &ops::Range<u64>, request: &HeaderMap) -> HeaderMap {
        let mut answer = HeaderMap::new();
        sse::tell(info.mode, request, &mut answer);
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
        answer
    }

    fn content_range(&self, range: &ops::Range<u64>, length: u64) -> Option<String> {
        let partial = (self.range.is_some() || self.part) && !range.is_empty();
        partial.then(|| format!("bytes {}-{}/{length}", range.start, range.end - 1))
    }
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

fn conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
) -> ReadConditions {
    let seconds = |time: Timestamp| OffsetDateTime::from(time).unix_timestamp();
    ReadConditions {
        if_match: if_match.map(etag_condition),
        if_none_match: if_none_match.map(etag_condition),
        if_modified_since: if_modified_since.map(seconds),
        if_unmodified_since: if_unmodified_since.map(seconds),
    }
}

pub(super) fn etag_condition(condition: ETagCondition) -> EtagCondition {
    match condition {
        ETagCondition::Any => EtagCondition::Any,
        ETagCondition::ETag(etag) => EtagCondition::OneOf(vec![etag.into_value()]),
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
