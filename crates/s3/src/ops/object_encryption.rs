//! `UpdateObjectEncryption`: another key for an object, its data left where it is
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html>). s3s does not know the operation, so it
//! comes by a route of its own. Beside SSE-KMS, which is all that AWS takes, SSE-S3 may be asked for.

use crate::permission::{Caller, Permission};
use crate::request::actor::actor;
use crate::request::document::{Document, Element};
use crate::request::extracted::ExtractedHeaders;
use crate::request::query::Query;
use crate::request::target::{ObjectAddress, version_name};
use crate::response::error::ErrorResponse;
use crate::response::reply::FailureSlot;
use http::{Extensions, HeaderMap, Method, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result};
use std::sync::Arc;
use strongroom_engine::audit::acting;
use strongroom_engine::encryption::{KmsWish, Refusal};
use strongroom_engine::{Engine, Error};

const OPERATION: &str = "UpdateObjectEncryption";

/// The way of requests that change an object's encryption.
pub(crate) struct ObjectEncryption {
    engine: Arc<Engine>,
    permission: Permission,
}

impl ObjectEncryption {
    pub(crate) fn new(engine: Arc<Engine>, permission: Permission) -> Self {
        Self { engine, permission }
    }

    async fn update(&self, request: &S3Request<Body>) -> Result<(), ErrorResponse> {
        let Some(object) = request.extensions.get::<ObjectAddress>() else {
            return Err(ErrorResponse::internal());
        };
        if ExtractedHeaders::of(&request.extensions)?
            .encryption
            .headers()
            .any()
        {
            return Err(ErrorResponse::invalid_request(
                "The new encryption of an object is said in the document of the request, not in its headers.",
            ));
        }
        let caller = Caller::of(&request.extensions)?;
        let to = read(Document::of(&request.extensions, "ObjectEncryption")?)?;
        let version = version_name(Query::read(&request.uri).get("versionId"))?;
        let updated = self
            .engine
            .rewrap_object(&object.bucket, &object.key, version, to.as_ref(), false)
            .await;
        match updated {
            Ok(_) => Ok(()),
            Err(Error::Encryption(Refusal::KeyNeeded)) => Err(ErrorResponse::invalid_request(
                "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS \
                 or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
            )
            .with(
                "Hint",
                "The key of an SSE-C object is changed by a CopyObject onto itself with the old key and the new one; it \
                 moves no data either.",
            )),
            Err(Error::Locked) => Err(ErrorResponse::access_denied(
                "The encryption type for the specified object can\u{2019}t be updated because that object is protected by \
                 S3 Object Lock.",
            )),
            Err(error) => Err(caller.hide_missing(&object.bucket, &error).await?),
        }
    }
}

#[async_trait::async_trait]
impl S3Route for ObjectEncryption {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, extensions: &mut Extensions) -> bool {
        extensions.get::<ObjectAddress>().is_some()
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let details = request
            .extensions
            .get::<FailureSlot>()
            .cloned()
            .unwrap_or_default();
        let object = request.extensions.get::<ObjectAddress>().cloned();
        let on = object.map_or((None, None), |object| (Some(object.bucket), Some(object.key)));
        let of = (&request.uri, &request.headers);
        self.permission
            .admit(OPERATION, on, of, &mut request.extensions)
            .await
            .map_err(|answer| answer.into_s3(&details))
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let details = request
            .extensions
            .get::<FailureSlot>()
            .cloned()
            .unwrap_or_default();
        let updated = match actor(&request.extensions) {
            Ok(actor) => acting(actor, self.update(&request)).await,
            Err(answer) => Err(answer),
        };
        match updated {
            Ok(()) => Ok(S3Response::new(Body::empty())),
            Err(answer) => Err(answer.into_s3(&details)),
        }
    }
}

/// The key that is asked for; none: the bucket's (SSE-S3).
fn read(document: &Element) -> Result<Option<KmsWish>, ErrorResponse> {
    document.knows(&["SSE-KMS", "SSE-S3"])?;
    let (kms, own) = (document.find("SSE-KMS")?, document.find("SSE-S3")?);
    match (kms, own) {
        (Some(kms), None) => {
            kms.knows(&["KMSKeyArn", "BucketKeyEnabled"])?;
            let Some(key) = kms.kms_key_of("KMSKeyArn")? else {
                return Err(ErrorResponse::invalid_request(
                    "Requests that modify an object's encryption type to SSE-KMS require an Amazon Web Services KMS key \
                     Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.",
                ));
            };
            let bucket_key = kms.flag_of("BucketKeyEnabled")?.unwrap_or_default();
            Ok(Some(KmsWish::of_key(key.to_owned(), bucket_key)))
        }
        (None, Some(own)) => own.knows(&[]).map(|_| None),
        _ => Err(ErrorResponse::invalid_request(
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are \
             SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        )),
    }
}
