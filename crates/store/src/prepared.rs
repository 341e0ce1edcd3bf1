//! A store between the two steps of its opening.
//!
//! The index is checked under the store's key, and that key is in the store. So a store is first prepared, which reads
//! its id and its wrapped keys and changes no row or blob; then, with the functions under the opened key, it is recovered.

use crate::authenticator::Authenticator;
use crate::error::Result;
use crate::id::{StoreId, Timeline};
use crate::integrity::CommitHead;
use crate::store::Store;
use crate::wrapped_keys::WrappedKeys;
use async_trait::async_trait;
use std::sync::Arc;

/// A store that is locked for this process, but not open.
pub struct Prepared {
    /// Id of the store.
    pub id: StoreId,
    /// Is true until a store's first recovery is complete: nothing was ever acknowledged in it.
    pub is_new: bool,
    /// Timeline of the store's commits. `None`: the store does not number its commits.
    pub timeline: Option<Timeline>,
    /// Wrapped keys, ready for use.
    pub keys: Arc<dyn WrappedKeys>,
    /// Commit that the store must contain.
    noted: Option<CommitHead>,
    recovery: Box<dyn Recovery>,
}

/// Second step of opening a store.
#[async_trait]
pub trait Recovery: Send {
    /// Checks what the store contains, finishes what a crash interrupted, and opens it. Changes nothing if the store does
    /// not contain the commit `noted`.
    async fn recover(
        self: Box<Self>,
        authenticator: Arc<dyn Authenticator>,
        noted: Option<CommitHead>,
    ) -> Result<Store>;
}

impl Prepared {
    /// Creates the store between the steps from the results of the first and the second step.
    pub fn new(id: StoreId, is_new: bool, keys: Arc<dyn WrappedKeys>, recovery: Box<dyn Recovery>) -> Self {
        Self {
            id,
            is_new,
            timeline: None,
            keys,
            noted: None,
            recovery,
        }
    }

    /// Adds the timeline of the store's commits.
    #[must_use]
    pub(crate) fn on_timeline(self, timeline: Timeline) -> Self {
        Self {
            timeline: Some(timeline),
            ..self
        }
    }

    /// Requires that the store contains a commit that was noted elsewhere. One of another timeline requires nothing.
    #[must_use]
    pub fn requiring(self, noted: CommitHead) -> Self {
        Self {
            noted: Some(noted).filter(|noted| Some(noted.timeline) == self.timeline),
            ..self
        }
    }

    /// Wraps a store that is open already and needs no second step.
    pub fn open(store: Store, id: StoreId, is_new: bool) -> Self {
        Self::new(id, is_new, Arc::clone(&store.keys), Box::new(Open(store)))
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] if the store is not as it was left, [`crate::StoreError::RolledBack`] if it does not
    /// contain the commit that was noted; nothing was changed then.
    pub async fn recover(self, authenticator: Arc<dyn Authenticator>) -> Result<Store> {
        self.recovery.recover(authenticator, self.noted).await
    }

    /// Passes the store through `lens`, a decorator, when it is recovered.
    #[must_use]
    pub fn through(self, lens: impl FnOnce(Store) -> Store + Send + 'static) -> Self {
        Self {
            recovery: Box::new(Through(self.recovery, Box::new(lens))),
            ..self
        }
    }
}

struct Open(Store);

#[async_trait]
impl Recovery for Open {
    async fn recover(
        self: Box<Self>,
        _authenticator: Arc<dyn Authenticator>,
        _noted: Option<CommitHead>,
    ) -> Result<Store> {
        Ok(self.0)
    }
}

struct Through(Box<dyn Recovery>, Box<dyn FnOnce(Store) -> Store + Send>);

#[async_trait]
impl Recovery for Through {
    async fn recover(
        self: Box<Self>,
        authenticator: Arc<dyn Authenticator>,
        noted: Option<CommitHead>,
    ) -> Result<Store> {
        Ok((self.1)(self.0.recover(authenticator, noted).await?))
    }
}
