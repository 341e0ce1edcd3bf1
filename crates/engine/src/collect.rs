//! Collecting what no version holds any more: garbage of deleted and replaced versions, blobs of uploads that broke
//! off, orphans of a crash, partitions of deleted buckets.

use crate::record::{BlobRecord, BucketRecord, ClosingRecord, GarbageRecord, key};
use crate::start::FIRST_GENERATION;
use crate::{Engine, Result};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use strongroom_store::{BlobId, PartitionId};
use tokio::sync::Notify;

/// Rows and blobs looked at in one step.
const STEP: usize = 256;
/// How long the collector rests when nothing calls it.
const REST: Duration = Duration::from_secs(60);

/// What the collector knows of between its rounds.
#[derive(Default)]
pub(crate) struct Collector {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    /// Blobs being written: they have no row yet and are not orphans.
    pending: HashSet<BlobId>,
    /// Blobs of uploads that broke off.
    abandoned: Vec<BlobId>,
    /// Partitions with garbage.
    partitions: HashSet<PartitionId>,
}

impl Collector {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A blob is about to be written.
    pub(crate) fn begin(&self, blob: BlobId) {
        self.state().pending.insert(blob);
    }

    /// A blob was written, and is held by a row or not.
    pub(crate) fn end(&self, blob: BlobId, kept: bool) {
        let mut state = self.state();
        state.pending.remove(&blob);
        if !kept {
            state.abandoned.push(blob);
            self.wake.notify_one();
        }
    }

    /// There is garbage in a partition.
    pub(crate) fn look_at(&self, partition: PartitionId) {
        self.state().partitions.insert(partition);
        self.wake.notify_one();
    }
}

impl Engine {
    /// Starts collecting: all there is now, then whatever becomes garbage. Ends when the engine is dropped.
    ///
    /// Blobs without a row are taken for orphans when the engine did not begin them itself, so no other process may
    /// be writing to the store.
    pub fn spawn_collector(self: &Arc<Self>) {
        let engine = Arc::downgrade(self);
        let collector = Arc::clone(&self.collector);
        tokio::spawn(async move {
            if !Self::first_round(&engine).await {
                return;
            }
            loop {
                let _ = tokio::time::timeout(REST, collector.wake.notified()).await;
                let Some(engine) = engine.upgrade() else { return };
                if let Err(error) = engine.collect().await {
                    tracing::warn!(%error, "collecting garbage failed and will be tried again");
                }
            }
        });
    }

    async fn first_round(engine: &Weak<Self>) -> bool {
        let Some(engine) = engine.upgrade() else {
            return false;
        };
        let round = async {
            engine.look_at_all().await?;
            engine.collect().await?;
            engine.collect_orphans().await
        };
        match round.await {
            Ok(0) => {}
            Ok(orphans) => tracing::info!(orphans, "collected blobs that a crash left behind"),
            Err(error) => {
                tracing::warn!(%error, "the first collection of garbage failed; restart to try again")
            }
        }
        true
    }

    async fn look_at_all(&self) -> Result<()> {
        let mut from = key::bucket("");
        loop {
            let rows = self
                .rows
                .scan::<BucketRecord>(PartitionId::ROOT, key::BUCKET, from, STEP)
                .await?;
            let mut state = self.collector.state();
            state.partitions.insert(PartitionId::ROOT);
            state
                .partitions
                .extend(rows.iter().map(|(_, record)| PartitionId(record.id)));
            match rows.last() {
                Some((row, _)) if rows.len() == STEP => from = key::after(row),
                _ => return Ok(()),
            }
        }
    }

    /// Collects what is known to be garbage. What fails stays known.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`].
    pub async fn collect(&self) -> Result<()> {
        loop {
            let next = self.collector.state().abandoned.last().copied();
            let Some(blob) = next else { break };
            self.blobs.delete(blob).await?;
            self.collector.state().abandoned.retain(|b| *b != blob);
        }
        let partitions: Vec<_> = self.collector.state().partitions.iter().copied().collect();
        for partition in partitions {
            self.collector.state().partitions.remove(&partition);
            let collected = if partition == PartitionId::ROOT {
                self.collect_closing().await
            } else {
                self.collect_partition(partition).await
            };
            if let Err(error) = collected {
                self.collector.state().partitions.insert(partition);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Deletes the blobs that are garbage in a partition. A reader that has one open keeps it.
    async fn collect_partition(&self, partition: PartitionId) -> Result<()> {
        while let Some(generation) = self.rows.index.generation(partition).await? {
            let rows = self
                .rows
                .scan::<GarbageRecord>(partition, key::GARBAGE, key::GARBAGE.into(), STEP)
                .await?;
            if rows.is_empty() {
                break;
            }
            let mut batch = self.rows.batch(partition, generation);
            for (row, _) in rows {
                if let Some(random) = key::id(&row, key::GARBAGE) {
                    self.blobs.delete(BlobId { partition, random }).await?;
                }
                batch.delete(row);
            }
            // Refused: the partition was closed meanwhile; its new generation comes with the next turn.
            let _ = batch.commit().await?;
        }
        Ok(())
    }

    /// Clears the partitions of deleted buckets.
    async fn collect_closing(&self) -> Result<()> {
        let rows = self
            .rows
            .scan::<ClosingRecord>(PartitionId::ROOT, key::CLOSING, key::CLOSING.into(), STEP)
            .await?;
        for (row, _) in rows {
            let Some(id) = key::id(&row, key::CLOSING) else {
                continue;
            };
            self.collect_partition(PartitionId(id)).await?;
            self.rows.index.remove_partition(PartitionId(id)).await?;
            let mut batch = self.rows.batch(PartitionId::ROOT, FIRST_GENERATION);
            batch.delete(row);
            let _ = batch.commit().await?;
        }
        Ok(())
    }

    /// Deletes blobs that no row speaks of: what a crash between the end of a blob and its commit leaves. Returns how
    /// many there were.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`].
    pub async fn collect_orphans(&self) -> Result<usize> {
        let mut orphans = 0;
        let mut after = None;
        loop {
            let blobs = self.blobs.list(after, STEP).await?;
            for blob in &blobs {
                // In this order: a blob that is no longer pending has its row by now.
                let pending = self.collector.state().pending.contains(blob);
                if !pending && !self.is_known(*blob).await? {
                    self.blobs.delete(*blob).await?;
                    orphans += 1;
                }
            }
            after = blobs.last().copied();
            if blobs.len() < STEP {
                return Ok(orphans);
            }
        }
    }

    async fn is_known(&self, blob: BlobId) -> Result<bool> {
        let held = self
            .rows
            .get::<BlobRecord>(blob.partition, &key::blob(blob.random))
            .await?;
        Ok(held.is_some()
            || self
                .rows
                .get::<GarbageRecord>(blob.partition, &key::garbage(blob.random))
                .await?
                .is_some())
    }
}
