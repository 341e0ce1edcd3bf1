//! Ledger of blobs being written, abandoned blobs, partitions with garbage, and contents being read.

use crate::model::error::Result;
use crate::process::orphan_count::OrphanCount;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use strongroom_store::{BlobId, PartitionId};
use tokio::sync::Notify;

/// State that the collector keeps between its rounds.
#[derive(Default)]
pub(crate) struct BlobLedger {
    state: Mutex<State>,
    pub(crate) wake: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    /// Blobs being written, or in doubt: they have no row yet and are not orphans.
    pub(crate) pending: HashSet<BlobId>,
    /// Blobs of interrupted uploads.
    pub(crate) abandoned: HashSet<BlobId>,
    /// Blobs whose commit may have taken effect, or may still do so.
    pub(crate) in_doubt: HashSet<BlobId>,
    /// Partitions with garbage.
    pub(crate) partitions: HashSet<PartitionId>,
    /// Partitions where a commit that creates more garbage may still take effect.
    pub(crate) in_question: HashSet<PartitionId>,
    /// Contents being read, with the number of readers.
    pub(crate) read: HashMap<[u8; 16], usize>,
    /// Contents being read whose garbage was skipped.
    pub(crate) passed_over: HashSet<[u8; 16]>,
    /// Blobs that are finished and have no row yet.
    pub(crate) orphans: OrphanCount,
}

/// Fate of a written blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A row holds the blob.
    Held,
    /// No row holds the blob, and none will.
    Abandoned,
    /// The commit that holds the blob was cancelled or failed; it is unknown whether it took effect.
    InDoubt,
}

/// Marks a partition as having garbage when dropped: after the commit that creates the garbage, whatever its result.
struct Notice<'a> {
    ledger: &'a BlobLedger,
    partition: PartitionId,
    /// True if the store has responded: the commit has taken effect, or never will.
    answered: bool,
}

impl Drop for Notice<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.ledger.state().in_question.insert(self.partition);
        }
        self.ledger.look_at(self.partition);
    }
}

/// Keeps the blobs of a content, should they become garbage, until this is dropped.
pub(crate) struct ReadPin {
    ledger: Arc<BlobLedger>,
    partition: PartitionId,
    content: [u8; 16],
}

impl Drop for ReadPin {
    fn drop(&mut self) {
        let mut state = self.ledger.state();
        let readers = state.read.entry(self.content).or_default();
        *readers = readers.saturating_sub(1);
        if *readers == 0 {
            state.read.remove(&self.content);
            if state.passed_over.remove(&self.content) {
                // Adds the root too: the bucket may have been deleted in the meantime.
                state.partitions.extend([self.partition, PartitionId::ROOT]);
                self.ledger.wake.notify_one();
            }
        }
    }
}

impl BlobLedger {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a blob that is about to be written.
    pub(crate) fn begin(&self, blob: BlobId) {
        self.state().pending.insert(blob);
    }

    /// Records the fate of a blob that was written or abandoned.
    pub(crate) fn end(&self, blob: BlobId, fate: Fate) {
        let mut state = self.state();
        match fate {
            Fate::Held => {
                state.pending.remove(&blob);
                state.orphans.settle(blob);
            }
            Fate::Abandoned => {
                state.pending.remove(&blob);
                state.abandoned.insert(blob);
                self.wake.notify_one();
            }
            Fate::InDoubt => {
                state.in_doubt.insert(blob);
                self.wake.notify_one();
            }
        }
    }

    /// Runs a commit that may create `garbage` in a partition, and marks the partition whatever the result: also if the
    /// commit is cancelled while the store executes it.
    pub(crate) async fn watch<T, E>(
        &self,
        partition: PartitionId,
        garbage: bool,
        commit: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut notice = garbage.then_some(Notice {
            ledger: self,
            partition,
            answered: false,
        });
        let outcome = commit.await;
        if let Some(notice) = &mut notice {
            notice.answered = outcome.is_ok();
        }
        outcome
    }

    /// Returns whether this process wrote a blob, or is writing it, and has not settled its fate.
    pub(crate) fn is_ours(&self, blob: BlobId) -> bool {
        let state = self.state();
        state.pending.contains(&blob) || state.abandoned.contains(&blob)
    }

    /// Marks a content of a partition as being read until the pin is dropped.
    pub(crate) fn pin(self: &Arc<Self>, partition: PartitionId, content: [u8; 16]) -> ReadPin {
        *self.state().read.entry(content).or_default() += 1;
        ReadPin {
            ledger: Arc::clone(self),
            partition,
            content,
        }
    }

    /// Returns whether the garbage of a content must stay for now.
    pub(crate) fn pass_over(&self, content: [u8; 16]) -> bool {
        let mut state = self.state();
        let is_read = state.read.contains_key(&content);
        if is_read {
            state.passed_over.insert(content);
        }
        is_read
    }

    /// Marks a partition as having garbage, and wakes the collector.
    pub(crate) fn look_at(&self, partition: PartitionId) {
        self.state().partitions.insert(partition);
        self.wake.notify_one();
    }
}
