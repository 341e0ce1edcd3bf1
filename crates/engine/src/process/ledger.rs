//! What the collector knows: which blobs are on their way, which were given up, which partitions have garbage, and what
//! is being read.

use crate::model::error::Result;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use strongroom_store::{BlobId, PartitionId};
use tokio::sync::Notify;

/// What the collector knows of between its rounds.
#[derive(Default)]
pub(crate) struct Collector {
    state: Mutex<State>,
    pub(crate) wake: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    /// Blobs being written, or in doubt: they have no row yet and are not orphans.
    pub(crate) pending: HashSet<BlobId>,
    /// Blobs of uploads that broke off.
    pub(crate) abandoned: HashSet<BlobId>,
    /// Blobs whose commit may have been made, or be made yet.
    pub(crate) in_doubt: HashSet<BlobId>,
    /// Partitions with garbage.
    pub(crate) partitions: HashSet<PartitionId>,
    /// Those of them where a commit may yet be made that makes more.
    pub(crate) in_question: HashSet<PartitionId>,
    /// Contents that are being read, and by how many.
    pub(crate) read: HashMap<[u8; 16], usize>,
    /// Those of them whose garbage was passed over.
    pub(crate) passed_over: HashSet<[u8; 16]>,
}

/// What became of a blob that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A row holds it.
    Held,
    /// No row holds it, and none will.
    Abandoned,
    /// The commit that holds it was given up or failed; whether it was made is not known.
    InDoubt,
}

/// Tells the collector when this is dropped that there may be garbage in a partition: after the commit that makes it,
/// however that ends.
struct Notice<'a> {
    collector: &'a Collector,
    partition: PartitionId,
    /// The store has answered: what it was asked to do is done, or never will be.
    answered: bool,
}

impl Drop for Notice<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.collector.state().in_question.insert(self.partition);
        }
        self.collector.look_at(self.partition);
    }
}

/// Keeps the blobs of a content, should they become garbage, until this is dropped.
pub(crate) struct ReadPin {
    collector: Arc<Collector>,
    partition: PartitionId,
    content: [u8; 16],
}

impl Drop for ReadPin {
    fn drop(&mut self) {
        let mut state = self.collector.state();
        let readers = state.read.entry(self.content).or_default();
        *readers = readers.saturating_sub(1);
        if *readers == 0 {
            state.read.remove(&self.content);
            if state.passed_over.remove(&self.content) {
                // The root too: the bucket may have been deleted meanwhile.
                state.partitions.extend([self.partition, PartitionId::ROOT]);
                self.collector.wake.notify_one();
            }
        }
    }
}

impl Collector {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A blob is about to be written.
    pub(crate) fn begin(&self, blob: BlobId) {
        self.state().pending.insert(blob);
    }

    /// A blob was written, or its writing was given up.
    pub(crate) fn end(&self, blob: BlobId, fate: Fate) {
        let mut state = self.state();
        match fate {
            Fate::Held => {
                state.pending.remove(&blob);
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

    /// Makes a commit that may make `garbage` in a partition, and tells of it however the commit ends: even if it is
    /// given up while the store is at it.
    pub(crate) async fn watch<T>(
        &self,
        partition: PartitionId,
        garbage: bool,
        commit: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut notice = garbage.then_some(Notice {
            collector: self,
            partition,
            answered: false,
        });
        let outcome = commit.await;
        if let Some(notice) = &mut notice {
            notice.answered = outcome.is_ok();
        }
        outcome
    }

    /// Whether a blob is being written, or in doubt.
    pub(crate) fn is_pending(&self, blob: BlobId) -> bool {
        self.state().pending.contains(&blob)
    }

    /// A content of a partition is being read until the pin is dropped.
    pub(crate) fn pin(self: &Arc<Self>, partition: PartitionId, content: [u8; 16]) -> ReadPin {
        *self.state().read.entry(content).or_default() += 1;
        ReadPin {
            collector: Arc::clone(self),
            partition,
            content,
        }
    }

    /// Whether the garbage of a content must stay for now.
    pub(crate) fn pass_over(&self, content: [u8; 16]) -> bool {
        let mut state = self.state();
        let is_read = state.read.contains_key(&content);
        if is_read {
            state.passed_over.insert(content);
        }
        is_read
    }

    /// There is garbage in a partition.
    pub(crate) fn look_at(&self, partition: PartitionId) {
        self.state().partitions.insert(partition);
        self.wake.notify_one();
    }
}
