//! The entry point: creates the caller of each request.

use crate::caller::Caller;
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::RequestConditions;
use crate::rule;
use std::sync::Arc;
use strongroom_engine::{Engine, Result};

/// Decides about requests, through the [`Caller`]s that it creates. A clone shares the engine and the cache of policies.
#[derive(Clone)]
pub struct Judge {
    engine: Engine,
    policies: Arc<Policies>,
}

impl Judge {
    /// Creates a judge for requests to this engine.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            policies: Arc::default(),
        }
    }

    /// Returns whether a request with this identity could be allowed one of these actions on something in the bucket, for
    /// the decision whether its body is worth reading. `bucket` is `None` for a request that no policy covers.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`](strongroom_engine::Error::NoSuchBucket) for callers other than the owner; errors of the
    /// store.
    pub async fn could_allow(
        &self,
        identity: Identity,
        bucket: Option<&str>,
        actions: &[&str],
    ) -> Result<bool> {
        // The owner's requests need no look at the bucket, which may not exist.
        let without_policy = rule::without_policy(identity).allowed;
        let Some(bucket) = bucket.filter(|_| !without_policy) else {
            return Ok(without_policy);
        };
        let settings = self.engine.bucket_settings(bucket).await?;
        let policy = self.policies.of(bucket, &settings);
        Ok(actions
            .iter()
            .any(|action| rule::could_allow(identity, &settings, policy.as_ref(), action)))
    }

    /// Creates the caller of one request, with the condition keys of that request.
    pub fn caller(&self, identity: Identity, conditions: RequestConditions) -> Caller {
        Caller::new(
            self.engine.clone(),
            Arc::clone(&self.policies),
            identity,
            conditions,
        )
    }
}
