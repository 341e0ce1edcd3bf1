//! Permission: decides with the crate [`strongroom_permission`] whether a request is allowed.
//!
//! This module translates headers to condition keys ([`conditions`]), and an operation to the actions that it needs
//! ([`actions`]). It runs before the operation's headers are checked, so that a denial comes before most other errors;
//! only requests that are no requests of S3 at all are refused earlier.

mod actions;
pub(crate) mod caller;
mod conditions;
#[cfg(test)]
mod tests;

use crate::permission::caller::{denied, expect, expect_without_bucket};
use crate::request::actor;
use crate::request::context::{Authenticated, Permitted, Stage as _};
use crate::request::extracted::copy_source;
use crate::request::operation::{Operation, Trait};
use crate::request::record::RecordedRequest;
use crate::response::error::ErrorResponse;
use http::{HeaderMap, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::CopySource;
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::sync::Arc;
use strongroom_access::policy::arn;
use strongroom_engine::model::judged::JudgedObject;
use strongroom_engine::upload::UploadName;
use strongroom_engine::{Engine, Error, VersionName};
use strongroom_identity::Identities;
use strongroom_permission::{AccessRequest, Caller, Identity, Judge, Subject};
use strongroom_sigv4::query::Query;

/// Permission check of requests.
#[derive(Clone)]
pub(crate) struct Permission {
    engine: Engine,
    judge: Judge,
    accounts: Identities,
}

/// Bucket and object that a request is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
}

impl Permission {
    pub(crate) fn new(engine: Engine, accounts: Identities) -> Self {
        Self {
            judge: Judge::new(engine.clone(), accounts.clone()),
            engine,
            accounts,
        }
    }

    /// Decides about a request whose operation s3s has identified, and moves it to the next stage.
    async fn check(&self, cx: &mut S3AccessContext<'_>, request: Authenticated) -> Result<(), ErrorResponse> {
        let operation = cx.s3_op().name().to_owned();
        let (uri, headers) = (cx.uri().clone(), cx.headers().clone());
        let (bucket, key) = match cx.s3_path() {
            S3Path::Root => (None, None),
            S3Path::Bucket { bucket } => (Some(bucket.to_string()), None),
            S3Path::Object { bucket, key } => (Some(bucket.to_string()), Some(key.to_string())),
        };
        let resource = Resource { bucket, key };
        let permitted = self.admit(request, &operation, resource, &uri, &headers).await?;
        permitted.put(cx.extensions_mut());
        Ok(())
    }

    /// Refuses a request before its document is read, if it will be denied whatever the document says: an unsigned
    /// request, unless a policy lets everybody do this to something in the bucket. The decision itself follows when the
    /// document is known, because policies look at tags and locks in it.
    ///
    /// # Errors
    /// `AccessDenied`; errors of the engine.
    pub(crate) async fn expect_sender(
        &self,
        identity: &Identity,
        operation: Option<&Operation>,
        bucket: Option<&str>,
    ) -> Result<(), ErrorResponse> {
        let Some(operation) = operation else {
            // It will be refused by name when s3s has identified it.
            return if identity.is_anonymous() {
                Err(denied())
            } else {
                Ok(())
            };
        };
        let bucket = bucket.filter(|_| !operation.is(Trait::of_account));
        let actions = operation.all_actions();
        if self.judge.could_allow(identity, bucket, &actions).await? {
            Ok(())
        } else {
            Err(denied())
        }
    }

    /// Decides about a request, and moves it to the next stage.
    ///
    /// # Errors
    /// `AccessDenied`; errors of the engine.
    pub(crate) async fn admit(
        &self,
        request: Authenticated,
        operation: &str,
        resource: Resource,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Permitted, ErrorResponse> {
        let query = Query::read(uri);
        let actor = actor::identify(&request, operation);
        // Nobody may call an operation that is not in the table.
        let Some(operation) = Operation::named(operation).filter(|operation| operation.is_offered()) else {
            return Err(denied());
        };
        let actions = actions::of(operation, &query, headers);
        request.record.begin(operation.category(), || RecordedRequest {
            actor: actor.clone(),
            category: operation.category(),
            identity: request.identity.clone(),
            bucket: resource.bucket.clone().unwrap_or_default(),
            key: resource.key.clone().unwrap_or_default(),
            version: query
                .get("versionId")
                .and_then(VersionName::read)
                .map(|version| version.to_string()),
        })?;

        // Condition keys of the request. A request that continues an upload has the encryption of the upload, not that of
        // its own headers. (The header that requests SSE-S3 may not even be sent with it.)
        let mut conditions = conditions::of(&request, operation, &query, headers);
        let Resource { bucket, key } = resource;
        if operation.is(Trait::continues_upload)
            && let (Some(bucket), Some(key), Some(id)) = (&bucket, &key, query.get("uploadId"))
        {
            let upload = UploadName {
                bucket: bucket.clone(),
                key: key.clone(),
                id: id.to_owned(),
            };
            match self.engine.upload_encryption(&upload).await {
                Ok(encrypted) => conditions::set_encryption(&mut conditions, &encrypted),
                Err(Error::NoSuchUpload(_) | Error::NoSuchBucket(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let caller = self.judge.caller(request.identity.clone(), conditions);

        if operation.is(Trait::of_account) {
            let resource = match &bucket {
                Some(bucket) => arn(bucket, None),
                None => arn("*", None),
            };
            for action in actions {
                expect_without_bucket(&caller, action, &resource)?;
            }
            return Ok(request.permitted(actor, caller, &self.engine, Vec::new(), self.accounts.clone()));
        }
        // Only the operations above name no bucket.
        let bucket = bucket.ok_or_else(denied)?;
        self.expect_owner(headers, "x-amz-expected-bucket-owner", &bucket)
            .await?;
        let mut judged = Vec::new();
        if !operation.is(Trait::decides_by_object) {
            let subject = self
                .subject(operation, &request.identity, &bucket, key.as_deref(), &query)
                .await?;
            let version = query.get("versionId").and_then(VersionName::read);
            for action in actions {
                let access = AccessRequest {
                    action,
                    bucket: &bucket,
                    key: key.as_deref(),
                    version,
                    subject,
                };
                judged.extend(expect(&caller, &access).await?);
            }
        }
        let of_source = self
            .expect_source(&caller, operation, headers, &bucket, key.as_deref())
            .await?;
        judged.extend(of_source);
        Ok(request.permitted(actor, caller, &self.engine, judged, self.accounts.clone()))
    }

    /// Returns the relation of an operation to what there is.
    async fn subject(
        &self,
        operation: &Operation,
        identity: &Identity,
        bucket: &str,
        key: Option<&str>,
        query: &Query,
    ) -> Result<Subject, ErrorResponse> {
        if operation.is(Trait::creates_object) {
            return Ok(Subject::New);
        }
        let (true, Some(key), Some(id), Some(account)) = (
            operation.is(Trait::of_initiator),
            key,
            query.get("uploadId"),
            identity.account(),
        ) else {
            return Ok(Subject::Existing);
        };
        let upload = UploadName {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            id: id.to_owned(),
        };
        match self.engine.upload_initiator(&upload).await {
            Ok(Some(initiator)) if initiator.account.account == account => Ok(Subject::OwnUpload),
            Ok(_) | Err(Error::NoSuchUpload(_) | Error::NoSuchBucket(_)) => Ok(Subject::Existing),
            Err(error) => Err(error.into()),
        }
    }

    /// Fails if a header names another account than the one that owns the bucket. A missing bucket is reported by the
    /// operation.
    async fn expect_owner(&self, headers: &HeaderMap, name: &str, bucket: &str) -> Result<(), ErrorResponse> {
        let mut expected = headers.get_all(name).iter().peekable();
        if expected.peek().is_none() {
            return Ok(());
        }
        let owner = match self.engine.bucket_access(bucket).await {
            Ok((owner, _)) => owner.account,
            Err(Error::NoSuchBucket(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if expected.any(|expected| expected.as_bytes() != owner.as_str().as_bytes()) {
            return Err(denied());
        }
        Ok(())
    }

    /// Fails unless the caller may read the source of a copy. Returns the objects that the permission depends on.
    async fn expect_source(
        &self,
        caller: &Caller,
        operation: &Operation,
        headers: &HeaderMap,
        target: &str,
        target_key: Option<&str>,
    ) -> Result<Vec<JudgedObject>, ErrorResponse> {
        // The operation refuses sources that cannot be read.
        let Some(CopySource::Bucket {
            bucket,
            key,
            version_id,
        }) = copy_source(headers)
        else {
            return Ok(Vec::new());
        };
        let version = version_id.as_deref().and_then(VersionName::read);
        self.expect_owner(headers, "x-amz-source-expected-bucket-owner", &bucket)
            .await?;
        let on_source = |of_current, of_version| AccessRequest {
            action: if version_id.is_some() {
                of_version
            } else {
                of_current
            },
            bucket: &bucket,
            key: Some(&key),
            version,
            subject: Subject::Existing,
        };
        let judged = expect(caller, &on_source("s3:GetObject", "s3:GetObjectVersion")).await?;
        let mut judged: Vec<JudgedObject> = judged.into_iter().collect();
        let directive = headers.get("x-amz-tagging-directive");
        if !operation.is(Trait::copies_tags) || directive.is_some_and(|directive| directive == "REPLACE") {
            return Ok(judged);
        }
        // The copy gets the tags of the source, and a caller that may copy may not always read and set tags.
        match self.engine.object_tags(&bucket, &key, version).await {
            Ok((tags, _)) if tags.is_empty() => Ok(judged),
            Ok(_) => {
                let read_tags = on_source("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
                judged.extend(expect(caller, &read_tags).await?);
                let write_tags = AccessRequest {
                    action: "s3:PutObjectTagging",
                    bucket: target,
                    key: target_key,
                    version: None,
                    subject: Subject::New,
                };
                expect(caller, &write_tags).await?;
                Ok(judged)
            }
            // The operation reports a missing source.
            Err(_) => Ok(judged),
        }
    }
}

#[async_trait::async_trait]
impl S3Access for Permission {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let request = Authenticated::take(cx.extensions_mut()).map_err(ErrorResponse::into_plain_s3)?;
        let reply = Arc::clone(&request.reply);
        let checked = Self::check(self, cx, request).await;
        checked.map_err(|error| error.into_s3(&reply.failure))
    }
}

/// The signature check of the second s3s, which never finds a signature: the first s3s has checked it. s3s checks
/// permissions only if it has something to check signatures with.
pub(crate) struct NoSignatures;

#[async_trait::async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(S3Error::new(S3ErrorCode::InternalError))
    }
}
