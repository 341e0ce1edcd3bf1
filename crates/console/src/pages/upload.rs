//! Uploads by scripts: in one request, or in parts.

use crate::app::App;
use crate::customer_key::Wish;
use crate::failure::Failure;
use crate::operation::{ABORT_UPLOAD, BEGIN_UPLOAD, COMPLETE_UPLOAD, PUT_OBJECT, UPLOAD_PART};
use crate::visitor::{Target, Values, Visitor};
use axum::Json;
use axum::extract::{Path, Query, Request};
use futures::StreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyDataStream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use strongroom_access::policy::key as policy;
use strongroom_engine::encryption::{AES256, AWS_KMS, Encrypted, EncryptionHeaders};
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::body::Body;
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::model::lock::Lock;
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::put::PutObject;
use strongroom_engine::upload::{BeginUpload, CompleteUpload, CompletedPart, UploadName, UploadPart};
use strongroom_engine::{BodyError, Error, Mode};

/// Query of the requests.
#[derive(Deserialize)]
pub(crate) struct UploadQuery {
    key: String,
}

/// Answer to a request that wrote an object.
#[derive(Serialize)]
pub(crate) struct Written {
    etag: String,
    mode: &'static str,
}

/// Answer to a request that began an upload.
#[derive(Serialize)]
pub(crate) struct Begun {
    id: String,
}

/// Part of an upload, in the list that completes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    number: u32,
    etag: String,
}

/// Stores an object in one request.
pub(crate) async fn put(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<Json<Written>, Failure> {
    let (mut head, body) = request.into_parts();
    let wish = Wish::take(&mut head.headers)?;
    let target = Target::object(&bucket, &query.key, None);
    let engine = visitor.permit(&PUT_OBJECT, target, wish.conditions()).await?;
    let _place = visitor.received.app.transfers.place()?;
    let put = PutObject {
        object: new_object(
            target,
            &head.headers,
            wish.headers(),
            visitor.access_of_new(&bucket).await?,
        )?,
        length: Some(length(&head.headers)?),
        md5: None,
        checksum: None,
        conditions: WriteConditions::default(),
    };
    let written = engine.put_object(put, content(body)).await?;
    Ok(Json(Written {
        etag: written.committed.etag,
        mode: mode_name(written.committed.encrypted.mode),
    }))
}

/// Begins an upload in parts.
pub(crate) async fn begin(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<Json<Begun>, Failure> {
    let (mut head, _) = request.into_parts();
    let wish = Wish::take(&mut head.headers)?;
    let target = Target::object(&bucket, &query.key, None);
    let engine = visitor.permit(&BEGIN_UPLOAD, target, wish.conditions()).await?;
    let upload = BeginUpload {
        object: new_object(
            target,
            &head.headers,
            wish.headers(),
            visitor.access_of_new(&bucket).await?,
        )?,
        checksum: None,
        initiator: Some(visitor.initiator()),
    };
    let begun = engine.begin_upload(upload).await?;
    Ok(Json(Begun { id: begun.id }))
}

/// Stores a part.
pub(crate) async fn put_part(
    visitor: Visitor,
    Path((bucket, id, number)): Path<(String, String, u32)>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<Json<Written>, Failure> {
    let (mut head, body) = request.into_parts();
    let wish = Wish::take(&mut head.headers)?;
    let upload = UploadName {
        bucket,
        key: query.key,
        id,
    };
    let values = values_of(&visitor.received.app, &upload).await?;
    let target = Target::object(&upload.bucket, &upload.key, None);
    let engine = visitor.permit(&UPLOAD_PART, target, values).await?;
    let _place = visitor.received.app.transfers.place()?;
    let part = UploadPart {
        number: number.into(),
        encryption: wish.headers(),
        length: length(&head.headers)?,
        md5: None,
        checksum: None,
        upload,
    };
    let written = engine.upload_part(part, content(body)).await?;
    Ok(Json(Written {
        etag: written.etag,
        mode: mode_name(written.encrypted.mode),
    }))
}

/// Completes an upload.
pub(crate) async fn complete(
    visitor: Visitor,
    Path((bucket, id)): Path<(String, String)>,
    Query(query): Query<UploadQuery>,
    Json(parts): Json<Vec<Part>>,
) -> Result<Json<Written>, Failure> {
    let upload = UploadName {
        bucket,
        key: query.key,
        id,
    };
    let values = values_of(&visitor.received.app, &upload).await?;
    let target = Target::object(&upload.bucket, &upload.key, None);
    let engine = visitor.permit(&COMPLETE_UPLOAD, target, values).await?;
    let parts = parts.into_iter().map(|part| CompletedPart {
        number: part.number.into(),
        etag: part.etag,
        checksum: None,
    });
    let complete = CompleteUpload {
        parts: parts.collect(),
        // Completing encrypts nothing under a customer's key.
        encryption: EncryptionHeaders::default(),
        checksum: None,
        composite: None,
        length: None,
        conditions: WriteConditions::default(),
        upload,
    };
    let completed = engine.complete_upload(complete).await?;
    Ok(Json(Written {
        etag: completed.committed.etag,
        mode: mode_name(completed.committed.encrypted.mode),
    }))
}

/// Aborts an upload.
pub(crate) async fn abort(
    visitor: Visitor,
    Path((bucket, id)): Path<(String, String)>,
    Query(query): Query<UploadQuery>,
) -> Result<Json<()>, Failure> {
    let upload = UploadName {
        bucket,
        key: query.key,
        id,
    };
    let target = Target::object(&upload.bucket, &upload.key, None);
    let engine = visitor.permit(&ABORT_UPLOAD, target, Values::new()).await?;
    engine.abort_upload(&upload).await?;
    Ok(Json(()))
}

/// Returns the condition keys about the encryption of an upload, which its later requests have, as on S3.
async fn values_of(app: &App, upload: &UploadName) -> Result<Values, Failure> {
    let encrypted: Encrypted = match app.engine.upload_encryption(upload).await {
        Ok(encrypted) => encrypted,
        // The operation reports it, if the person may know.
        Err(Error::NoSuchUpload(_) | Error::NoSuchBucket(_)) => return Ok(Values::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(match (encrypted.kms, encrypted.mode) {
        (_, Mode::Customer) => vec![(policy::SSE_CUSTOMER_ALGORITHM, AES256.to_owned())],
        (Some(kms), _) => vec![
            (policy::SSE, AWS_KMS.to_owned()),
            (policy::SSE_KMS_KEY_ID, kms.key_id),
        ],
        (None, _) => vec![(policy::SSE, AES256.to_owned())],
    })
}

fn new_object(
    target: Target<'_>,
    headers: &HeaderMap,
    encryption: EncryptionHeaders,
    access: ObjectAccess,
) -> Result<NewObject, Failure> {
    let key = target.key.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Failure::invalid("The key of an object must not be empty."))?;
    let mut stored = BTreeMap::new();
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if let Some(kind) = kind.filter(|kind| !kind.is_empty()) {
        stored.insert(CONTENT_TYPE.as_str().to_owned(), kind.to_owned());
    }
    Ok(NewObject {
        bucket: target.bucket.to_owned(),
        key: key.to_owned(),
        headers: stored,
        metadata: BTreeMap::new(),
        tags: Tags::default(),
        lock: Lock::default(),
        encryption,
        access,
    })
}

fn length(headers: &HeaderMap) -> Result<u64, Failure> {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.ok_or_else(|| Failure::invalid("The request does not say how long its body is."))
}

/// Returns the body of a request as the engine reads it.
fn content(body: axum::body::Body) -> Body {
    let pieces = BodyDataStream::new(body);
    let is_stalled = |error: &axum::Error| {
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
            {
                return true;
            }
            cause = error.source();
        }
        false
    };
    pieces
        .map(move |piece| {
            piece.map_err(|error| {
                if is_stalled(&error) {
                    BodyError::Stalled
                } else {
                    BodyError::Incomplete
                }
            })
        })
        .boxed()
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Customer => "own",
        Mode::Kms => "named",
        _ => "store",
    }
}
