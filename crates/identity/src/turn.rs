//! Turns of changes in an account.

use crate::error::{IdentityError, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use strongroom_access::arn::AccountId;
use strongroom_rows::{Batch, CommitOutcome};
use strongroom_store::StoreError;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};

/// Attempts at a change while other processes are faster. Within this process changes wait for their turn.
const MAX_ATTEMPTS: u32 = 16;

/// State in memory of an account.
#[derive(Default)]
pub(crate) struct AccountState {
    /// Number of changes by this process. Whatever was derived from the account's rows before the last one is void.
    changes: AtomicU64,
    /// Held for writing by a change, until its commit is decided; for reading while a snapshot is built. So a snapshot
    /// never mixes rows from before and after a commit of this process.
    gate: Arc<tokio::sync::RwLock<()>>,
}

impl AccountState {
    /// Returns the number of changes so far.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Voids what was derived from the account's rows.
    pub(crate) fn void(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// Waits until no change is in progress, and keeps new ones waiting.
    pub(crate) async fn read(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.gate).read_owned().await
    }
}

/// States of the accounts that were used since the start.
#[derive(Default)]
pub(crate) struct AccountStates(RwLock<HashMap<AccountId, Arc<AccountState>>>);

impl AccountStates {
    /// Returns the state of an account.
    pub(crate) fn of(&self, account: AccountId) -> Arc<AccountState> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = known.get(&account) {
            return Arc::clone(state);
        }
        drop(known);
        let mut states = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(states.entry(account).or_default())
    }

    /// Waits for the turn of a change in an account.
    pub(crate) async fn turn(&self, account: AccountId) -> Turn {
        let state = self.of(account);
        let held = Arc::clone(&state.gate).write_owned().await;
        Turn {
            state,
            held: Some(held),
            attempts: 0,
        }
    }

    /// Voids what was derived from the rows of any account.
    pub(crate) fn void_all(&self) {
        let states = self.0.read().unwrap_or_else(PoisonError::into_inner);
        states.values().for_each(|state| state.void());
    }
}

/// Turn of one change: read rows, commit a batch that expects them unchanged, and begin again if it is refused.
pub(crate) struct Turn {
    state: Arc<AccountState>,
    held: Option<OwnedRwLockWriteGuard<()>>,
    attempts: u32,
}

impl Turn {
    /// Commits a batch. Returns false if a row has changed since it was read: read again. Completes even if the caller
    /// is cancelled, so that nothing derived from the old rows survives.
    ///
    /// # Errors
    /// [`IdentityError::ConcurrentModification`] after 16 attempts; [`IdentityError::Rows`], after which the commit may
    /// or may not have taken effect.
    pub(crate) async fn commit(&mut self, batch: Batch) -> Result<bool> {
        let (state, held) = (Arc::clone(&self.state), self.held.take());
        let committing = tokio::spawn(async move {
            let outcome = batch.commit().await;
            state.void();
            (outcome, held)
        });
        let committed = committing.await;
        let (outcome, held) = committed
            .map_err(|lost| strongroom_rows::Error::Store(StoreError::failed("changing an account", lost)))?;
        self.held = held;
        match outcome? {
            CommitOutcome::Done => Ok(true),
            CommitOutcome::Stale(_) if self.attempts < MAX_ATTEMPTS => {
                self.attempts += 1;
                Ok(false)
            }
            // The partition of identities is never closed.
            CommitOutcome::Stale(_) | CommitOutcome::Closed => Err(IdentityError::ConcurrentModification),
        }
    }
}
