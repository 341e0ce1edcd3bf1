//! Snapshots of the store, and the number of its last commit.

use crate::engine::Engine;
use crate::model::error::Result;
use std::path::PathBuf;
use strongroom_store::{CommitHead, HistoryReach, Snapshot, StoreId};

/// Identity and state of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreState {
    /// Id of the store.
    pub id: StoreId,
    /// Its last commit. `None`: it does not number its commits.
    pub head: Option<CommitHead>,
    /// States to which a snapshot can be brought forward. `None`: it keeps no history.
    pub history: Option<HistoryReach>,
}

impl Engine {
    /// Writes a consistent copy of the store to a new directory while requests go on: see
    /// [`strongroom_store::Snapshots::snapshot`].
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn snapshot(&self, directory: PathBuf, previous: Option<PathBuf>) -> Result<Snapshot> {
        Ok(self.snapshots.snapshot(directory, previous).await?)
    }

    /// Returns the store's id and its last commit.
    pub fn store_state(&self) -> StoreState {
        StoreState {
            id: self.store,
            head: self.integrity.head(),
            history: self.snapshots.history(),
        }
    }
}
