//! The entry point: creates the caller of each request.

use crate::caller::Caller;
use crate::identity::Identity;
use crate::policies::Policies;
use crate::request::RequestConditions;
use std::sync::Arc;
use strongroom_engine::Engine;

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
