//! LIST of objects, versions 1 and 2.

use crate::ops::owner::owner;
use crate::request::context::Permitted;
use crate::request::host::ENCODED;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::timestamp;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::utf8_percent_encode;
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::Result as EngineResult;
use strongroom_engine::object::list::{ListObjects, ListedObject};
use strongroom_engine::object::walk::{Entry, Page, Scope};

/// Maximum number of entries in one page.
pub(super) const MAX_KEYS: usize = 1000;

pub(super) async fn list_objects(
    cx: &Permitted,
    request: S3Request<ListObjectsInput>,
) -> OperationResult<ListObjectsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let list = ListObjects {
        scope: scope(input.prefix, input.delimiter),
        after: input.marker.clone().unwrap_or_default(),
        limit: limit(input.max_keys)?,
    };
    let listing = page(
        cx,
        &input.bucket,
        list.limit,
        cx.engine().list_objects(&input.bucket, &list),
    )
    .await?;
    // Without a delimiter the last key serves as the marker.
    let next = listing
        .entries
        .last()
        .filter(|_| listing.truncated && list.scope.delimiter.is_some());
    let next_marker = next.map(|entry| encoding.encode(entry.name()));
    let is_truncated = Some(listing.truncated);
    let (contents, common_prefixes) = documents(listing, encoding, true);
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(encoding.encode(&list.scope.prefix)),
        marker: Some(encoding.encode(&list.after)),
        max_keys: Some(input.max_keys.unwrap_or(1000)),
        is_truncated,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: list.scope.delimiter.map(|delimiter| encoding.encode(&delimiter)),
        next_marker,
        encoding_type: input.encoding_type,
        request_charged: None,
    }))
}

pub(super) async fn list_objects_v2(
    cx: &Permitted,
    request: S3Request<ListObjectsV2Input>,
) -> OperationResult<ListObjectsV2Output> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    if input
        .optional_object_attributes
        .is_some_and(|attributes| !attributes.is_empty())
    {
        return Err(ErrorResponse::not_implemented(
            "x-amz-optional-object-attributes is not implemented.",
        ));
    }
    let after = match &input.continuation_token {
        Some(token) => from_token(token)?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let list = ListObjects {
        scope: scope(input.prefix, input.delimiter),
        after,
        limit: limit(input.max_keys)?,
    };
    let listing = page(
        cx,
        &input.bucket,
        list.limit,
        cx.engine().list_objects(&input.bucket, &list),
    )
    .await?;
    let next = listing.entries.last().filter(|_| listing.truncated);
    let next_continuation_token = next.map(|entry| BASE64_URL_SAFE_NO_PAD.encode(entry.name()));
    let is_truncated = Some(listing.truncated);
    let key_count = i32::try_from(listing.entries.len()).ok();
    let with_owner = input.fetch_owner == Some(true);
    let (contents, common_prefixes) = documents(listing, encoding, with_owner);
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(encoding.encode(&list.scope.prefix)),
        max_keys: Some(input.max_keys.unwrap_or(1000)),
        key_count,
        continuation_token: input.continuation_token,
        is_truncated,
        next_continuation_token,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: list.scope.delimiter.map(|delimiter| encoding.encode(&delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|after| encoding.encode(&after)),
        request_charged: None,
    }))
}

pub(super) fn scope(prefix: Option<String>, delimiter: Option<String>) -> Scope {
    Scope {
        prefix: prefix.unwrap_or_default(),
        delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()),
    }
}

/// Returns a page of a listing. A page without entries is not listed: on AWS it is never truncated.
pub(super) async fn page<T>(
    cx: &Permitted,
    bucket: &str,
    limit: usize,
    listing: impl Future<Output = EngineResult<Page<T>>>,
) -> Result<Page<T>, ErrorResponse> {
    if limit == 0 {
        cx.engine().head_bucket(bucket).await?;
        return Ok(Page::default());
    }
    let _turn = cx.turns.take(bucket, cx.is_signed()).await;
    Ok(listing.await?)
}

pub(super) fn limit(max_keys: Option<i32>) -> Result<usize, ErrorResponse> {
    let limit = usize::try_from(max_keys.unwrap_or(1000)).map_err(|_| {
        ErrorResponse::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647")
    })?;
    Ok(limit.min(MAX_KEYS))
}

fn from_token(token: &str) -> Result<String, ErrorResponse> {
    let name = BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|name| String::from_utf8(name).ok());
    name.ok_or_else(|| ErrorResponse::invalid_argument("The continuation token provided is incorrect"))
}

/// Encoding of names in a response.
#[derive(Clone, Copy)]
pub(super) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub(super) fn of(requested: Option<&EncodingType>) -> Result<Self, ErrorResponse> {
        match requested.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(_) => Err(ErrorResponse::invalid_argument(
                "Invalid Encoding Method specified in Request",
            )),
        }
    }

    pub(super) fn encode(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Url => utf8_percent_encode(name, ENCODED).to_string(),
        }
    }
}

fn documents(
    listing: Page<ListedObject>,
    encoding: Encoding,
    with_owner: bool,
) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in listing.entries {
        match entry {
            Entry::Item(object) => objects.push(Object {
                e_tag: Some(ETag::Strong(object.etag)),
                key: Some(encoding.encode(&object.key)),
                last_modified: Some(timestamp(object.modified)),
                owner: with_owner.then(|| owner(object.owner.canonical_id)),
                size: i64::try_from(object.length).ok(),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                ..Object::default()
            }),
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                prefix: Some(encoding.encode(&prefix)),
            }),
        }
    }
    (objects, prefixes)
}
