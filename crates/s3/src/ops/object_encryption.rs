//! `UpdateObjectEncryption`: changes the key of an object without moving its data
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html>).
//!
//! s3s does not know the operation, so it has its own route. AWS accepts only SSE-KMS; here SSE-S3 is accepted too.

use crate::permission::caller::hide_missing;
use crate::permission::{Permission, Resource};
use crate::request::context::{Authenticated, Permitted, Stage as _};
use crate::request::document::Element;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use http::{Extensions, HeaderMap, Method, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result};
use std::sync::Arc;
use strongroom_engine::Error;
use strongroom_engine::encryption::{KmsWish, Refusal};
use strongroom_sigv4::query::Query;

const OPERATION: &str = "UpdateObjectEncryption";

/// Route of requests that change an object's encryption.
pub(crate) struct ObjectEncryption {
    permission: Permission,
}

impl ObjectEncryption {
    pub(crate) fn new(permission: Permission) -> Self {
        Self { permission }
    }
}

async fn update_object_encryption(cx: &Permitted, request: S3Request<Body>) -> OperationResult<Body> {
    let Some(object) = &cx.encryption_target else {
        return Err(ErrorResponse::internal());
    };
    if cx.headers.encryption.headers().any() {
        return Err(ErrorResponse::invalid_request(
            "Specify the new encryption of the object in the document of the request, not in its headers.",
        ));
    }
    let to = read(cx.document("ObjectEncryption")?)?;
    let version = version_name(Query::read(&request.uri).get("versionId"))?;
    let updated = cx
        .engine()
        .rewrap_object(&object.bucket, &object.key, version, to.as_ref(), false)
        .await;
    match updated {
            Ok(_) => Ok(S3Response::new(Body::empty())),
            Err(Error::Encryption(Refusal::KeyNeeded)) => Err(ErrorResponse::invalid_request(
                "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS \
                 or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
            )
            .with(
                "Hint",
                "To change the key of an SSE-C object, copy the object onto itself with both keys (CopyObject); this moves \
                 no data.",
            )),
            Err(Error::Locked) => Err(ErrorResponse::access_denied(
                "The encryption type for the specified object can\u{2019}t be updated because that object is protected by \
                 S3 Object Lock.",
            )),
            Err(error) => Err(hide_missing(cx.caller(), &object.bucket, &error).await?),
        }
}

#[async_trait::async_trait]
impl S3Route for ObjectEncryption {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, extensions: &mut Extensions) -> bool {
        let request = extensions.get::<Authenticated>();
        request.is_some_and(|request| request.encryption_target.is_some())
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let cx = Authenticated::take(&mut request.extensions).map_err(ErrorResponse::into_plain_s3)?;
        let reply = Arc::clone(&cx.reply);
        let object = cx.encryption_target.clone();
        let resource = object.map_or_else(Resource::default, |object| Resource {
            bucket: Some(object.bucket),
            key: Some(object.key),
        });
        let admitted = self
            .permission
            .admit(cx, OPERATION, resource, &request.uri, &request.headers)
            .await;
        match admitted {
            Ok(permitted) => {
                permitted.put(&mut request.extensions);
                Ok(())
            }
            Err(error) => Err(error.into_s3(&reply.failure)),
        }
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let cx = Permitted::take(&mut request.extensions).map_err(ErrorResponse::into_plain_s3)?;
        let result = update_object_encryption(&cx, request).await;
        result.map_err(|error| error.into_s3(&cx.reply.failure))
    }
}

/// Returns the requested key. `None`: the key of the bucket (SSE-S3).
fn read(document: &Element) -> Result<Option<KmsWish>, ErrorResponse> {
    document.expect_only(&["SSE-KMS", "SSE-S3"])?;
    let (kms, own) = (document.find("SSE-KMS")?, document.find("SSE-S3")?);
    match (kms, own) {
        (Some(kms), None) => {
            kms.expect_only(&["KMSKeyArn", "BucketKeyEnabled"])?;
            let Some(key) = kms.kms_key_of("KMSKeyArn")? else {
                return Err(ErrorResponse::invalid_request(
                    "Requests that modify an object's encryption type to SSE-KMS require an Amazon Web Services KMS key \
                     Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.",
                ));
            };
            let bucket_key = kms.flag_of("BucketKeyEnabled")?.unwrap_or_default();
            Ok(Some(KmsWish::of_key(key.to_owned(), bucket_key)))
        }
        (None, Some(own)) => own.expect_only(&[]).map(|_| None),
        _ => Err(ErrorResponse::invalid_request(
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are \
             SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        )),
    }
}
