//! Commits on the partition of a bucket.

use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::model::quota::Amount;
use crate::model::usage::Usage;
use crate::process::buckets_in_use::Bucket;
use crate::process::meters::Room;
use futures::TryFutureExt as _;
use std::sync::Arc;
use strongroom_rows::{Batch, CommitOutcome};

/// Attempts at a commit while others change the same rows.
pub(crate) const MAX_TRIES: usize = 64;
/// Attempts at a commit while other writers of the same key are faster. Each round one of them wins, so this many
/// concurrent writers all succeed.
pub(crate) const MAX_WRITERS: usize = 1024;

/// Effects of a commit beside its writes.
#[derive(Default)]
pub(crate) struct Effects {
    /// The commit may produce garbage.
    pub(crate) garbage: bool,
    /// Audit events to write once it is committed. Call [`strongroom_audit::Audit::ready`] first.
    pub(crate) events: Vec<PendingKeyEvent>,
    /// Room that was reserved for what the commit adds.
    pub(crate) room: Room,
}

impl Effects {
    /// Returns the effects of a commit that creates no garbage.
    pub(crate) fn with_events(events: Vec<PendingKeyEvent>) -> Self {
        Self {
            events,
            ..Self::default()
        }
    }

    /// Returns the effects of a commit that uses no key.
    pub(crate) fn without_events(garbage: bool) -> Self {
        Self {
            garbage,
            ..Self::default()
        }
    }
}

/// Result of a commit on a bucket that still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Attempt {
    /// Committed.
    Done,
    /// Refused: the check at this position failed.
    Stale(usize),
}

impl Attempt {
    /// Returns `value` if committed.
    pub(crate) fn then<T>(self, value: impl FnOnce() -> T) -> Option<T> {
        (self == Self::Done).then(value)
    }
}

impl Engine {
    /// Commits a batch on the partition of a bucket. All commits that change its usage pass here or are those of the
    /// collector, which only subtract.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] if the bucket was deleted; [`Error::QuotaExceeded`] if the commit needs more than its
    /// request has reserved; [`Error::Store`].
    pub(crate) async fn commit(&self, bucket: &Bucket, batch: Batch, effects: Effects) -> Result<Attempt> {
        let outcome = self.commit_batch(bucket, batch, effects).await?;
        self.accept(bucket, outcome).await
    }

    /// Works like [`Self::commit`], but returns the decision of the store as it is, for [`Self::accept`].
    pub(crate) async fn commit_batch(
        &self,
        bucket: &Bucket,
        batch: Batch,
        effects: Effects,
    ) -> Result<CommitOutcome> {
        let change = Amount::of(Usage::of_batch(&batch));
        let room = self.room_for(bucket, change, effects.room).await?;
        let meter = Arc::clone(&bucket.meter);
        let commit = batch.commit().err_into();
        let commit = async move { meter.watch(change, &room, commit).await };
        if effects.events.is_empty() {
            return self.ledger.watch(bucket.id(), effects.garbage, commit).await;
        }
        let commit = self.commit_and_audit(commit, effects.events);
        self.ledger.watch(bucket.id(), effects.garbage, commit).await
    }

    /// Interprets the decision of the store on a commit. A closed partition means that the bucket was deleted: its name
    /// and key are removed if a crash left them.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] if the bucket was deleted; [`Error::Store`].
    pub(crate) async fn accept(&self, bucket: &Bucket, outcome: CommitOutcome) -> Result<Attempt> {
        match outcome {
            CommitOutcome::Done => Ok(Attempt::Done),
            CommitOutcome::Stale(check) => Ok(Attempt::Stale(check)),
            CommitOutcome::Closed => {
                self.forget_bucket(&bucket.name, bucket.id()).await?;
                Err(Error::NoSuchBucket(bucket.name.clone()))
            }
        }
    }
}

/// Runs a block until it evaluates to a value. `None`: a row has changed since it was read. Evaluates to
/// [`Error::Contended`] after `$tries` attempts. `return` and `?` in the block leave the calling function.
macro_rules! retry {
    ($tries:expr, $attempt:block) => {
        'done: {
            for _ in 0..$tries {
                let attempt = $attempt;
                if let Some(done) = attempt {
                    break 'done Ok(done);
                }
            }
            Err($crate::model::error::Error::Contended)
        }
    };
}
pub(crate) use retry;
