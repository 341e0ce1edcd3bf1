//! The judge.

use crate::caller::Caller;
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::RequestConditions;
use std::sync::Arc;
use strongroom_engine::Engine;

/// Judges requests. A clone shares the cache of policies.
#[derive(Clone, Default)]
pub struct Judge {
    policies: Arc<Policies>,
}

impl Judge {
    /// Creates the caller of one request, with the engine that records its actor and the condition keys of that request.
    pub fn caller(&self, engine: Engine, identity: Identity, conditions: RequestConditions) -> Caller {
        Caller::new(engine, Arc::clone(&self.policies), identity, conditions)
    }
}
