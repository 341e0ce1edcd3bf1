//! The caller of one request.

use crate::decision::{Decision, Reason};
use crate::explanation::{self, Explained};
use crate::grants::{deletes_object, is_about_object};
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::{AccessRequest, RequestConditions, Subject};
use crate::rule::{self, BucketAccess};
use std::sync::Arc;
use strongroom_access::evaluation::{self, NamedPolicy};
use strongroom_access::policy::{PolicyKind, key};
use strongroom_audit::Actor;
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::judged::Judged;
use strongroom_engine::{Engine, Error, Result};
use strongroom_identity::{Identities, IdentityError};

/// The caller of one request. Operations on several objects call [`Caller::decide`] for each of them.
pub struct Caller {
    engine: Engine,
    identities: Identities,
    policies: Arc<Policies>,
    identity: Identity,
    conditions: RequestConditions,
}

impl Caller {
    pub(crate) fn new(
        engine: Engine,
        identities: Identities,
        policies: Arc<Policies>,
        identity: Identity,
        conditions: RequestConditions,
    ) -> Self {
        Self {
            engine,
            identities,
            policies,
            identity,
            conditions,
        }
    }

    /// Returns the caller with an engine that records `actor` as the originator of its key uses.
    #[must_use]
    pub fn acting_as(self, actor: Actor) -> Self {
        Self {
            engine: self.engine.acting_as(actor),
            ..self
        }
    }

    /// Returns the identity of the caller.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the text of a bucket's policy as it is stored: with the unique ids of users and roles in place of their ARNs,
    /// so that it does not apply to a new user with the name of a deleted one.
    ///
    /// # Errors
    /// [`IdentityError::MalformedPolicyDocument`] if it names a user or role that does not exist.
    pub async fn stored_policy(&self, text: &str, bucket: &str) -> Result<String, IdentityError> {
        let stored = self
            .identities
            .principals_to_ids(text, PolicyKind::Bucket(bucket));
        stored.await
    }

    /// Returns the text of a stored policy as it is shown: with the ARNs of users and roles. The unique ids of deleted ones
    /// stay.
    ///
    /// # Errors
    /// [`IdentityError::Rows`]; [`IdentityError::MalformedPolicyDocument`] if the text cannot be read.
    pub async fn shown_policy(&self, text: &str, bucket: &str) -> Result<String, IdentityError> {
        let shown = self
            .identities
            .principals_to_arns(text, PolicyKind::Bucket(bucket));
        shown.await
    }

    /// Decides whether the caller may perform an action on a resource that is no existing bucket: the service, or a bucket
    /// that is to be created.
    pub fn decide_without_bucket(&self, action: &str, resource: &str) -> Decision {
        rule::without_bucket(&self.identity, action, resource, &self.conditions)
    }

    /// Decides whether the caller may perform an action, and by which rule.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] for unsigned requests; errors of the store. An error is no permission.
    pub async fn decide(&self, request: &AccessRequest<'_>) -> Result<Decision> {
        let decision = match self.judge(request, rule::decide).await? {
            Some((decision, may_be_missing)) => self.missing(decision, may_be_missing, request).await?,
            None => Decision::allow(Reason::NoSuchBucket),
        };
        tracing::trace!(action = request.action, bucket = request.bucket, %decision, "judged");
        Ok(decision)
    }

    /// Decides like [`Caller::decide`], and says for each statement of the policies whether it applies. `None`: the bucket
    /// does not exist.
    ///
    /// # Errors
    /// Those of [`Caller::decide`].
    pub async fn explain(&self, request: &AccessRequest<'_>) -> Result<Option<Explained>> {
        let Some((explained, may_be_missing)) = self.judge(request, explanation::in_bucket).await? else {
            return Ok(None);
        };
        let decision = self.missing(explained.decision, may_be_missing, request);
        Ok(Some(Explained {
            decision: decision.await?,
            ..explained
        }))
    }

    /// Explains the decision of [`Caller::decide_without_bucket`].
    pub fn explain_without_bucket(&self, action: &str, resource: &str) -> Explained {
        explanation::without_bucket(&self.identity, action, resource, &self.conditions)
    }

    /// Returns the decision about an object that may be missing: whoever may list the bucket learns that it is.
    async fn missing(
        &self,
        decision: Decision,
        may_be_missing: bool,
        request: &AccessRequest<'_>,
    ) -> Result<Decision> {
        if may_be_missing && is_not_shared(&decision) && self.may_list(request.bucket).await? {
            return Ok(Decision {
                judged: Some(Judged::Missing),
                ..Decision::allow(Reason::NoSuchObject)
            });
        }
        Ok(decision)
    }

    /// Applies a rule to a request. `None`: the bucket does not exist. The second value is true if the decision depends on an
    /// object that does not exist.
    async fn judge<T>(
        &self,
        request: &AccessRequest<'_>,
        rule: impl FnOnce(
            &Identity,
            BucketAccess<'_>,
            &AccessRequest<'_>,
            Option<&ObjectAccess>,
            &RequestConditions,
        ) -> T,
    ) -> Result<Option<(T, bool)>> {
        let (owner, settings) = match self.engine.bucket_access(request.bucket).await {
            Ok(found) => found,
            Err(Error::NoSuchBucket(_)) if !self.identity.is_anonymous() => return Ok(None),
            Err(error) => return Err(error),
        };
        let policy = self.policies.of(request.bucket, &settings);
        let mut conditions = self.conditions.clone();
        if let Some(version) = request.version {
            conditions.add_version(version);
        }
        let by_bucket = |named: &NamedPolicy| named.policy.refers_to(key::EXISTING_OBJECT_TAG);
        if matches!(&policy, Some(Ok(named)) if by_bucket(named))
            || self.identity.refers_to(key::EXISTING_OBJECT_TAG)
        {
            self.add_existing_tags(request, &mut conditions).await?;
        }
        let bucket = BucketAccess {
            owner: owner.account,
            settings: &settings,
            policy: policy.as_ref(),
        };
        // Who deletes matters to a caller of another account only.
        let is_about = is_about_object(request)
            || (deletes_object(request) && self.identity.account() != Some(owner.account));
        let object = if settings.acls_enabled() && is_about {
            self.object_access(request).await?
        } else {
            None
        };
        let may_be_missing = settings.acls_enabled() && is_about_object(request) && object.is_none();
        let judged = rule(&self.identity, bucket, request, object.as_ref(), &conditions);
        Ok(Some((judged, may_be_missing)))
    }

    /// Returns the access of the object. `None`: there is none.
    async fn object_access(&self, request: &AccessRequest<'_>) -> Result<Option<ObjectAccess>> {
        let Some(key) = request.key else {
            return Ok(None);
        };
        let read = self.engine.object_access(request.bucket, key, request.version);
        Ok(existing(read.await)?.map(|(access, _)| access))
    }

    /// Returns whether the caller may list a bucket.
    async fn may_list(&self, bucket: &str) -> Result<bool> {
        let list = AccessRequest {
            action: "s3:ListBucket",
            bucket,
            key: None,
            version: None,
            subject: Subject::Existing,
        };
        Ok(Box::pin(self.decide(&list)).await?.allowed)
    }

    /// Adds the tags of the object. Called only if a policy refers to them: reading them costs a read of the index.
    async fn add_existing_tags(
        &self,
        request: &AccessRequest<'_>,
        conditions: &mut RequestConditions,
    ) -> Result<()> {
        let Some(key) = request.key else {
            return Ok(());
        };
        let read = self.engine.object_tags(request.bucket, key, request.version);
        // A Deny must not be skipped because the store fails. An object that does not exist has no tags.
        if let Some((tags, _)) = existing(read.await)? {
            conditions.add_existing_tags(&tags);
        }
        Ok(())
    }
}

/// Returns what was read of an object. `None`: there is no such object.
fn existing<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(
            Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::Deleted(..) | Error::IsDeleteMarker(..),
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether a caller of another account is refused because nothing shares the resource with it.
fn is_not_shared(decision: &Decision) -> bool {
    use evaluation::{Layer, Reason as ByPolicies};
    matches!(
        decision.reason,
        Reason::Policies(ByPolicies::NotAllowedByOwner | ByPolicies::NotAllowed(Layer::Resource))
    )
}
