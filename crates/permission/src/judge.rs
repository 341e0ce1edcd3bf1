//! The entry point: creates the caller of each request.

use crate::caller::Caller;
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::RequestConditions;
use crate::rule::{self, BucketAccess};
use std::sync::Arc;
use strongroom_engine::{Engine, Error, Result};
use strongroom_identity::Identities;

/// Decides about requests, through the [`Caller`]s that it creates. A clone shares the engine and the cache of policies.
#[derive(Clone)]
pub struct Judge {
    engine: Engine,
    identities: Identities,
    policies: Arc<Policies>,
}

impl Judge {
    /// Creates a judge for requests to this engine.
    pub fn new(engine: Engine, identities: Identities) -> Self {
        Self {
            engine,
            identities,
            policies: Arc::default(),
        }
    }

    /// Returns whether a request with this identity could be allowed one of these actions on something in the bucket, for
    /// the decision whether its body is worth reading. `bucket` is `None` for a request to the service.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] for unsigned requests; errors of the store.
    pub async fn could_allow(
        &self,
        identity: &Identity,
        bucket: Option<&str>,
        actions: &[&str],
    ) -> Result<bool> {
        let Some(name) = bucket else {
            return Ok(actions
                .iter()
                .any(|action| rule::could_allow(identity, None, action)));
        };
        let (owner, settings) = match self.engine.bucket_access(name).await {
            Ok(found) => found,
            Err(Error::NoSuchBucket(_)) if !identity.is_anonymous() => return Ok(true),
            Err(error) => return Err(error),
        };
        let policy = self.policies.of(name, &settings);
        let bucket = BucketAccess {
            owner: owner.account,
            settings: &settings,
            policy: policy.as_ref(),
        };
        Ok(actions
            .iter()
            .any(|action| rule::could_allow(identity, Some(bucket), action)))
    }

    /// Creates the caller of one request, with the condition keys of that request.
    pub fn caller(&self, identity: Identity, conditions: RequestConditions) -> Caller {
        Caller::new(
            self.engine.clone(),
            self.identities.clone(),
            Arc::clone(&self.policies),
            identity,
            conditions,
        )
    }
}
