//! The caller of one request.

use crate::decision::{Decision, Reason};
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::{AccessRequest, RequestConditions};
use crate::rule;
use std::sync::Arc;
use strongroom_access::policy::{Policy, key};
use strongroom_audit::Actor;
use strongroom_engine::{Engine, Error, Result};

/// The caller of one request. Operations on several objects call [`Caller::decide`] for each of them.
pub struct Caller {
    engine: Engine,
    policies: Arc<Policies>,
    identity: Identity,
    conditions: RequestConditions,
}

impl Caller {
    pub(crate) fn new(
        engine: Engine,
        policies: Arc<Policies>,
        identity: Identity,
        conditions: RequestConditions,
    ) -> Self {
        Self {
            engine,
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
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Decides whether the caller may make a request that no policy covers.
    pub fn decide_without_policy(&self) -> Decision {
        rule::without_policy(self.identity)
    }

    /// Decides whether the caller may perform an action, and by which rule.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] for callers other than the owner; errors of the store. An error is no permission.
    pub async fn decide(&self, request: &AccessRequest<'_>) -> Result<Decision> {
        let settings = match self.engine.bucket_settings(request.bucket).await {
            Ok(settings) => settings,
            Err(Error::NoSuchBucket(_)) if self.identity == Identity::Owner => {
                return Ok(Decision::allow(Reason::NoSuchBucket));
            }
            Err(error) => return Err(error),
        };
        let policy = self.policies.of(request.bucket, &settings);
        let mut conditions = self.conditions.clone();
        if let Some(version) = request.version {
            conditions.add_version(version);
        }
        if let Some(Ok(policy)) = &policy {
            self.add_existing_tags(policy, request, &mut conditions).await?;
        }
        let decision = rule::decide(self.identity, &settings, policy.as_ref(), request, &conditions);
        tracing::trace!(action = request.action, bucket = request.bucket, %decision, "judged");
        Ok(decision)
    }

    /// Adds the tags of the object, if the policy refers to them: reading them costs a read of the index.
    async fn add_existing_tags(
        &self,
        policy: &Policy,
        request: &AccessRequest<'_>,
        conditions: &mut RequestConditions,
    ) -> Result<()> {
        let Some(key) = request.key.filter(|_| policy.refers_to(key::EXISTING_OBJECT_TAG)) else {
            return Ok(());
        };
        match self
            .engine
            .object_tags(request.bucket, key, request.version)
            .await
        {
            Ok((tags, _)) => conditions.add_existing_tags(&tags),
            // An object that does not exist has no tags.
            Err(
                Error::NoSuchKey(_)
                | Error::NoSuchVersion(..)
                | Error::Deleted(..)
                | Error::IsDeleteMarker(..),
            ) => {}
            // A Deny must not be skipped because the store fails.
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
