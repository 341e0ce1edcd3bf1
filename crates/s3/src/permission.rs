//! Whether a request may do what it asks, by who made it and the policy of the bucket.
//!
//! The account that owns a bucket may do everything that its policy does not deny; everybody else, what the policy
//! allows. Asked before the operation's headers are judged, so that a denial comes before most other complaints; only what
//! is no request of S3 at all is refused before.

mod actions;
mod facts;
mod policies;
#[cfg(test)]
mod tests;

use crate::request::actor;
use crate::request::query::Query;
use crate::request::signer::Who;
use crate::response::error::ErrorResponse;
use crate::response::reply::FailureSlot;
use facts::Facts;
use http::{Extensions, HeaderMap, Uri};
use policies::Policies;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::CopySource;
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::sync::Arc;
use strongroom_access::policy::{Policy, Request, Verdict, arn, key};
use strongroom_engine::settings::BucketSettings;
use strongroom_engine::upload::UploadName;
use strongroom_engine::{Engine, Error, VersionName};

/// What an owner may do whatever the policy says: a policy that denies everything could not be taken back otherwise.
const OF_OWNERS: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// Operations that go on with what an upload was begun with: its encryption, not that of their own headers, is what a
/// policy asks for. (The header that asks for SSE-S3 may not even be sent with them.)
const OF_UPLOADS: [&str; 3] = ["UploadPart", "UploadPartCopy", "CompleteMultipartUpload"];

/// Judges requests.
#[derive(Clone)]
pub(crate) struct Permission {
    engine: Arc<Engine>,
    policies: Arc<Policies>,
}

impl Permission {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            policies: Arc::default(),
        }
    }

    /// Judges a request that s3s has named.
    async fn judge(&self, cx: &mut S3AccessContext<'_>) -> Result<(), ErrorResponse> {
        let operation = cx.s3_op().name().to_owned();
        let (uri, headers) = (cx.uri().clone(), cx.headers().clone());
        let (bucket, object) = match cx.s3_path() {
            S3Path::Root => (None, None),
            S3Path::Bucket { bucket } => (Some(bucket.to_string()), None),
            S3Path::Object { bucket, key } => (Some(bucket.to_string()), Some(key.to_string())),
        };
        let on = (bucket, object);
        self.admit(&operation, on, (&uri, &headers), cx.extensions_mut())
            .await
    }

    /// Judges a request, and notes who made it, for the operation and for the audit.
    ///
    /// # Errors
    /// The answer to send.
    pub(crate) async fn admit(
        &self,
        operation: &str,
        (bucket, object): (Option<String>, Option<String>),
        (uri, headers): (&Uri, &HeaderMap),
        extensions: &mut Extensions,
    ) -> Result<(), ErrorResponse> {
        actor::note(operation, extensions);
        let query = Query::read(uri);
        let who = extensions.get::<Who>().copied().unwrap_or(Who::Anonymous);
        let facts = Facts::of(who, operation, &query, headers, extensions);
        let actions = actions::of(operation, &query, headers);
        if actions.is_empty() {
            return Err(denied());
        }
        let Some(bucket) = bucket.filter(|_| operation != "CreateBucket") else {
            return if who == Who::Owner { Ok(()) } else { Err(denied()) };
        };
        let mut facts = facts;
        if OF_UPLOADS.contains(&operation)
            && let (Some(key), Some(id)) = (&object, query.get("uploadId"))
        {
            let upload = UploadName {
                bucket: bucket.clone(),
                key: key.clone(),
                id: id.to_owned(),
            };
            match self.engine.upload_encryption(&upload).await {
                Ok(encrypted) => facts.set_encryption(&encrypted),
                Err(Error::NoSuchUpload(_) | Error::NoSuchBucket(_)) => {}
                Err(error) => return Err(ErrorResponse::of(&error)),
            }
        }
        let caller = Caller {
            engine: Arc::clone(&self.engine),
            policies: Arc::clone(&self.policies),
            who,
            facts,
        };
        let version = query.get("versionId").and_then(VersionName::read);
        // Of each object by itself.
        if operation != "DeleteObjects" {
            for action in actions {
                caller.expect(action, &bucket, object.as_deref(), version).await?;
            }
        }
        caller
            .expect_source(operation, headers, &bucket, object.as_deref())
            .await?;
        extensions.insert(Arc::new(caller));
        Ok(())
    }
}

fn denied() -> ErrorResponse {
    ErrorResponse::access_denied("Access Denied")
}

/// Who made a request, for operations that must ask again.
pub(crate) struct Caller {
    engine: Arc<Engine>,
    policies: Arc<Policies>,
    who: Who,
    facts: Facts,
}

impl Caller {
    /// Who made the request that an operation serves.
    ///
    /// # Errors
    /// The answer to send if the request did not come this way.
    pub(crate) fn of(extensions: &Extensions) -> Result<Arc<Self>, ErrorResponse> {
        extensions.get::<Arc<Self>>().cloned().ok_or_else(|| {
            tracing::error!("an operation was called past the policy");
            ErrorResponse::internal()
        })
    }

    /// Whether the caller may do something.
    ///
    /// # Errors
    /// The answer to send when the bucket is not there, or the store fails.
    pub(crate) async fn may(
        &self,
        action: &str,
        bucket: &str,
        object: Option<&str>,
        version: Option<VersionName>,
    ) -> Result<bool, ErrorResponse> {
        let settings = match self.engine.bucket_settings(bucket).await {
            Ok(settings) => settings,
            // To say so is for the operation.
            Err(Error::NoSuchBucket(_)) if self.who == Who::Owner => return Ok(true),
            Err(error) => return Err(ErrorResponse::of(&error)),
        };
        let Some(policy) = self.policies.of(bucket, &settings) else {
            return Ok(self.who == Who::Owner);
        };
        let is_owners = self.who == Who::Owner && OF_OWNERS.contains(&action);
        let Ok(policy) = policy else {
            return Ok(is_owners);
        };
        let mut facts = self.facts.clone();
        if let Some(version) = version {
            facts.add_version(version);
        }
        if policy.refers_to(key::EXISTING_OBJECT_TAG)
            && let Some(object) = object
        {
            match self.engine.object_tags(bucket, object, version).await {
                Ok((tags, _)) => facts.add_existing_tags(&tags),
                Err(error) if is_missing(&error) || matches!(error, Error::IsDeleteMarker(_)) => {}
                // A denial must not be passed over because the store fails.
                Err(error) => return Err(ErrorResponse::of(&error)),
            }
        }
        let verdict = policy.evaluate(&Request {
            principal: self.who.principal(),
            action,
            resource: &arn(bucket, object),
            conditions: &facts.conditions(self.who.principal()),
        });
        Ok(match verdict {
            Verdict::Deny => is_owners,
            Verdict::Allow => self.who == Who::Owner || is_open(&settings, &policy),
            Verdict::Delegate | Verdict::Silent => self.who == Who::Owner,
        })
    }

    /// # Errors
    /// The answer to send if the caller may not do something.
    async fn expect(
        &self,
        action: &str,
        bucket: &str,
        object: Option<&str>,
        version: Option<VersionName>,
    ) -> Result<(), ErrorResponse> {
        if self.may(action, bucket, object, version).await? {
            Ok(())
        } else {
            Err(denied())
        }
    }

    /// That the caller may read the source of a copy.
    async fn expect_source(
        &self,
        operation: &str,
        headers: &HeaderMap,
        target: &str,
        target_key: Option<&str>,
    ) -> Result<(), ErrorResponse> {
        let source = headers
            .get("x-amz-copy-source")
            .and_then(|source| source.to_str().ok());
        // What cannot be read is for the operation to refuse.
        let Some(Ok(CopySource::Bucket {
            bucket,
            key,
            version_id,
        })) = source.map(CopySource::parse)
        else {
            return Ok(());
        };
        let version = version_id.as_deref().and_then(VersionName::read);
        let action = if version_id.is_some() {
            "s3:GetObjectVersion"
        } else {
            "s3:GetObject"
        };
        self.expect(action, &bucket, Some(&key), version).await?;
        let directive = headers.get("x-amz-tagging-directive");
        if operation != "CopyObject" || directive.is_some_and(|directive| directive == "REPLACE") {
            return Ok(());
        }
        // Tags go with the copy, and who may copy may not always read and set tags.
        match self.engine.object_tags(&bucket, &key, version).await {
            Ok((tags, _)) if tags.is_empty() => Ok(()),
            Ok(_) => {
                let action = if version_id.is_some() {
                    "s3:GetObjectVersionTagging"
                } else {
                    "s3:GetObjectTagging"
                };
                self.expect(action, &bucket, Some(&key), version).await?;
                self.expect("s3:PutObjectTagging", target, target_key, None).await
            }
            // To say so is for the operation.
            Err(_) => Ok(()),
        }
    }

    /// Whether the request was not signed.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.who == Who::Anonymous
    }

    /// What to answer where an object is not there: who may not list must not learn that.
    ///
    /// # Errors
    /// The answer to send when the store fails.
    pub(crate) async fn hide_missing(
        &self,
        bucket: &str,
        error: &Error,
    ) -> Result<ErrorResponse, ErrorResponse> {
        if is_missing(error)
            && self.who != Who::Owner
            && !self.may("s3:ListBucket", bucket, None, None).await?
        {
            return Ok(denied());
        }
        Ok(ErrorResponse::of(error))
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(
        error,
        Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::Deleted(..)
    )
}

/// Whether what a policy allows the public is not shut off.
fn is_open(settings: &BucketSettings, policy: &Policy) -> bool {
    let restricted = settings
        .public_access_block()
        .is_some_and(|block| block.restrict_public_buckets);
    !(restricted && policy.is_public())
}

#[async_trait::async_trait]
impl S3Access for Permission {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let details = cx
            .extensions_mut()
            .get::<FailureSlot>()
            .cloned()
            .unwrap_or_default();
        self.judge(cx).await.map_err(|answer| answer.into_s3(&details))
    }
}

/// s3s asks for permission only where it could check a signature; here the signature was checked before.
pub(crate) struct NoSignatures;

#[async_trait::async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(S3Error::new(S3ErrorCode::InternalError))
    }
}
