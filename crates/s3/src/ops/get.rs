//! GET and HEAD of an object.

use crate::ops::download::Download;
use crate::ops::object_lock::legal_hold;
use crate::permission::caller::hide_missing;
use crate::request::buffers::OF_DOWNLOAD;
use crate::request::context::Permitted;
use crate::request::extracted::ExtractedHeaders;
use crate::request::new_object::CONTENT_HEADERS;
use crate::request::target::version_name;
use crate::response::checksum::{write_checksum_headers, write_read_part_checksum_headers};
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::{expiration, timestamp};
use crate::settings::HeadWithoutKey;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Metadata, Range,
    TimestampFormat,
};
use s3s::{S3Request, S3Response};
use std::ops;
use strongroom_engine::Error;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::model::lock::Lock;
use strongroom_engine::object::get::{ObjectInfo, ReadObject, Select};
use strongroom_engine::upload::MAX_PARTS;
use strongroom_permission::Caller;
use strongroom_sigv4::query::Query;

/// Content type of objects that were stored without one.
const NO_TYPE: &str = "binary/octet-stream";

pub(super) async fn get_object(
    cx: &Permitted,
    request: S3Request<GetObjectInput>,
) -> OperationResult<GetObjectOutput> {
    let S3Request { input, uri, .. } = request;
    let extracted = &cx.headers;
    let caller = cx.caller();
    let mut options = ReadOptions::of(
        input.range,
        input.part_number,
        input.checksum_mode.as_ref(),
        &uri,
        caller,
    )?;
    let read = ReadObject {
        bucket: input.bucket,
        key: input.key,
        version: version_name(input.version_id.as_deref())?,
        conditions: extracted.conditions.clone(),
        select: options.select,
    };
    // Before the first piece is read.
    let admit = |length: u64| {
        let held = cx.reservation.hold_at_least(OF_DOWNLOAD.min(length));
        held.map_err(|_| Error::NoRoom)
    };
    let object = match cx
        .engine()
        .get_object_within(&read, || extracted.encryption.headers(), admit)
        .await
    {
        Ok(object) => object,
        Err(error) => return Err(hide_missing(caller, &read.bucket, &error).await?),
    };
    let reservation = cx.reservation.clone();
    let download = Download::new(object.content, reservation, cx.settings.longest_read);
    options.select = read.select_of(&object.info.etag, object.info.modified);
    let headers = options.response_headers(&object.info, &object.range, extracted);
    let output = GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(length(&object.range)),
        e_tag: Some(ETag::Strong(object.info.etag)),
        last_modified: Some(timestamp(object.info.modified)),
        metadata: metadata(object.info.metadata),
        content_range: options.content_range(&object.range, object.info.length),
        expiration: expiration(object.info.expiry.as_ref()),
        parts_count: options.parts_count(object.info.parts),
        tag_count: i32::try_from(object.info.tags).ok().filter(|tags| *tags > 0),
        version_id: object.info.version.map(|version| version.to_string()),
        body: Some(download.into_blob()),
        ..GetObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, headers))
}

pub(super) async fn head_object(
    cx: &Permitted,
    request: S3Request<HeadObjectInput>,
) -> OperationResult<HeadObjectOutput> {
    let S3Request { input, uri, .. } = request;
    let extracted = &cx.headers;
    let caller = cx.caller();
    let mut options = ReadOptions::of(
        input.range,
        input.part_number,
        input.checksum_mode.as_ref(),
        &uri,
        caller,
    )?;
    let read = ReadObject {
        bucket: input.bucket,
        key: input.key,
        version: version_name(input.version_id.as_deref())?,
        conditions: extracted.conditions.clone(),
        select: options.select,
    };
    let head = cx
        .engine()
        .head_object(&read, extracted.encryption.headers())
        .await;
    let (info, range) = match head {
        Err(Error::Encryption(Refusal::KeyNeeded))
            if cx.settings.head_without_key == HeadWithoutKey::NotFound =>
        {
            let missing = Error::NoSuchKey(read.key);
            return Err(hide_missing(caller, &read.bucket, &missing).await?);
        }
        Err(error) => return Err(hide_missing(caller, &read.bucket, &error).await?),
        Ok(head) => head,
    };
    options.select = read.select_of(&info.etag, info.modified);
    let mut headers = options.response_headers(&info, &range, extracted);
    if info.tags > 0 {
        headers.insert("x-amz-tagging-count", HeaderValue::from(info.tags));
    }
    let content_range = options.content_range(&range, info.length);
    let output = HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(length(&range)),
        e_tag: Some(ETag::Strong(info.etag)),
        last_modified: Some(timestamp(info.modified)),
        metadata: metadata(info.metadata),
        content_range,
        expiration: expiration(info.expiry.as_ref()),
        parts_count: options.parts_count(info.parts),
        version_id: info.version.map(|version| version.to_string()),
        ..HeadObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, headers))
}

/// Options of a read.
struct ReadOptions {
    select: Select,
    checksums: bool,
    /// Content headers of the response that the request sets itself (`response-*`).
    overrides: Vec<(&'static str, HeaderValue)>,
}

impl ReadOptions {
    fn of(
        range: Option<Range>,
        part: Option<i32>,
        checksums: Option<&ChecksumMode>,
        uri: &Uri,
        caller: &Caller,
    ) -> Result<Self, ErrorResponse> {
        let overrides = overrides(uri)?;
        if caller.identity().is_anonymous() && !overrides.is_empty() {
            return Err(ErrorResponse::invalid_request(
                "Request specific response headers cannot be used for anonymous GET requests.",
            ));
        }
        Ok(Self {
            select: select(range, part)?,
            checksums: checksums.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED),
            overrides,
        })
    }

    /// Returns the response headers that the output of s3s has no field for, or that s3s would change.
    fn response_headers(
        &self,
        info: &ObjectInfo,
        range: &ops::Range<u64>,
        extracted: &ExtractedHeaders,
    ) -> HeaderMap {
        let mut headers = HeaderMap::new();
        extracted.encryption.write_headers(&info.encrypted, &mut headers);
        lock(&info.lock, &mut headers);
        // A checksum over the whole object does not cover a range.
        let of_all = *range == (0..info.length);
        match (self.select, info.parts) {
            (Select::Part(_), Some(parts)) if self.checksums => {
                // As on AWS, a part of a larger upload has a checksum only if that of the object is one over checksums.
                for checksum in info.checksums.iter().filter(|sum| sum.composite || parts == 1) {
                    write_read_part_checksum_headers(checksum, &mut headers);
                }
            }
            (_, parts) if self.checksums && of_all => {
                write_checksum_headers(&info.checksums, parts, &mut headers);
            }
            _ => {}
        }
        headers.insert("content-type", HeaderValue::from_static(NO_TYPE));
        for name in CONTENT_HEADERS {
            let value = info
                .headers
                .get(name)
                .and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        for (name, value) in &self.overrides {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
        headers
    }

    /// Returns the number of parts, if one part was requested.
    fn parts_count(&self, parts: Option<usize>) -> Option<i32> {
        let parts = parts.filter(|_| matches!(self.select, Select::Part(_)))?;
        i32::try_from(parts).ok()
    }

    fn content_range(&self, range: &ops::Range<u64>, length: u64) -> Option<String> {
        // A read by part number is partial even if the part is the whole object.
        let partial = self.select != Select::All && !range.is_empty();
        partial.then(|| format!("bytes {}-{}/{length}", range.start, range.end - 1))
    }
}

/// Writes the headers of an object's lock.
fn lock(lock: &Lock, headers: &mut HeaderMap) {
    if let Some(retention) = lock.retention {
        let mut until = Vec::new();
        // Writing to memory does not fail, and the engine's times can be written as dates.
        let _ = timestamp(retention.until).format(TimestampFormat::DateTime, &mut until);
        if let Ok(until) = HeaderValue::from_bytes(&until) {
            headers.insert("x-amz-object-lock-retain-until-date", until);
        }
        let mode = HeaderValue::from_static(retention.mode.name());
        headers.insert("x-amz-object-lock-mode", mode);
    }
    if let Some(held) = lock.legal_hold
        && let Ok(held) = HeaderValue::from_str(legal_hold(held).as_str())
    {
        headers.insert("x-amz-object-lock-legal-hold", held);
    }
}

/// Returns the `response-*` parameters of a query. s3s knows them too, but not on HEAD, and prefers stored headers to
/// them.
fn overrides(uri: &Uri) -> Result<Vec<(&'static str, HeaderValue)>, ErrorResponse> {
    let mut overrides = Vec::new();
    for (name, value) in Query::read(uri).pairs() {
        let header = CONTENT_HEADERS
            .into_iter()
            .find(|header| name.strip_prefix("response-") == Some(header));
        let Some(header) = header else { continue };
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            ErrorResponse::invalid_argument(format!("The value of {name} is not a valid header value."))
        })?;
        overrides.push((header, value));
    }
    Ok(overrides)
}

/// Returns the bytes that a request selects.
fn select(range: Option<Range>, part: Option<i32>) -> Result<Select, ErrorResponse> {
    match (range, part) {
        (Some(_), Some(_)) => Err(ErrorResponse::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        )),
        (None, None) => Ok(Select::All),
        (None, Some(number)) => match u32::try_from(number) {
            Ok(number @ 1..=MAX_PARTS) => Ok(Select::Part(number)),
            _ => Err(ErrorResponse::of(&Error::PartNumber(number.into()))),
        },
        (Some(Range::Int { first, last }), None) => Ok(Select::Range(ByteRange::From(first, last))),
        (Some(Range::Suffix { length }), None) => Ok(Select::Range(ByteRange::Last(length))),
    }
}

fn metadata(metadata: std::collections::BTreeMap<String, String>) -> Option<Metadata> {
    (!metadata.is_empty()).then(|| metadata.into_iter().collect())
}

fn length(range: &ops::Range<u64>) -> i64 {
    i64::try_from(range.end - range.start).unwrap_or(i64::MAX)
}
