//! Collector: deletes garbage of deleted and replaced versions, blobs of interrupted uploads, partitions of deleted
//! buckets, and lost blobs after their time; sets orphans aside.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::lost_rows::LostRows;
use crate::model::quota::Amount;
use crate::model::usage::Usage;
use crate::process::meters::Room;
use crate::rows::key;
use crate::rows::pages::buckets;
use crate::rows::record::{BlobRecord, ClosingRecord, GarbageRecord, PartLocation, PartRecord, SpentRecord};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use strongroom_rows::key as row_key;
use strongroom_rows::{CommitOutcome, Found, Pages, Partition};
use strongroom_store::{BlobId, PartitionId};
use tokio::time::Instant;

/// Rows and blobs processed in one step.
const STEP: usize = 256;
/// Pause of the collector if nothing wakes it.
const REST: Duration = Duration::from_mins(1);
/// Pause before the scan of the whole store is repeated after a failure.
const REST_FROM_ALL: Duration = Duration::from_hours(1);
/// Pause between two looks for lost blobs whose time is over.
const REST_FROM_LOST: Duration = Duration::from_hours(1);

impl Engine {
    /// Starts the collector: scans the whole store once, then collects garbage as it is created. Ends when the engine
    /// is dropped, or when the scan finds that rows were lost: see [`Engine::lost_rows`].
    ///
    /// A blob without a row is treated as an orphan if this engine did not begin it, so no other process may write to
    /// the store.
    pub fn spawn_collector(&self) {
        let engine = self.downgrade();
        let ledger = Arc::clone(&self.ledger);
        tokio::spawn(async move {
            let mut look_at_all = Some(Instant::now());
            let mut look_at_lost = Instant::now();
            loop {
                let Some(engine) = engine.upgrade() else { return };
                let now = Instant::now();
                let outcome = if look_at_all.is_some_and(|at| at <= now) {
                    let outcome = match engine.collect_all().await {
                        Ok(Ok(())) => Ok(()),
                        Ok(Err(lost)) => {
                            tracing::error!(
                                alarm = "store",
                                blobs = lost.found,
                                allowed = lost.allowed,
                                "{lost}"
                            );
                            engine.orphans.refuse(lost);
                            return;
                        }
                        Err(error) => Err(error),
                    };
                    look_at_all = outcome.is_err().then_some(now + REST_FROM_ALL);
                    outcome
                } else {
                    engine.collect().await
                };
                let outcome = if look_at_lost <= now {
                    look_at_lost = now + REST_FROM_LOST;
                    outcome.and(engine.delete_old_lost_blobs().await)
                } else {
                    outcome
                };
                drop(engine);
                if let Err(error) = outcome {
                    tracing::warn!(%error, "collecting garbage failed and will be retried");
                }
                let _ = tokio::time::timeout(REST, ledger.wake.notified()).await;
            }
        });
    }

    /// Collects the garbage of earlier processes, unless there are more orphans than crashes can have left.
    async fn collect_all(&self) -> Result<Result<(), LostRows>> {
        // First, because nothing may be deleted on the word of an index that lost rows.
        let orphans = self.find_orphans().await?;
        if let Err(lost) = self.judge(&orphans) {
            return Ok(Err(lost));
        }
        let set_aside = self.set_all_aside(orphans).await.map(drop);
        let keys = self.look_at_keys().await.map(drop);
        let looked = self.look_at_all().await;
        let collected = self.collect().await;
        set_aside.and(keys).and(looked).and(collected).map(Ok)
    }

    async fn look_at_all(&self) -> Result<()> {
        let (mut pages, mut outcome) = (buckets(&self.root), Ok(()));
        self.ledger.state().partitions.insert(PartitionId::ROOT);
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                let looked = match found {
                    Ok(found) => self.look_at_bucket(&row, PartitionId(found.record.id)).await,
                    Err(error) => Err(error.into()),
                };
                outcome = outcome.and(looked);
            }
        }
        outcome
    }

    /// Marks a bucket's partition for collection. Deletes the row of a bucket that was closed when its process ended.
    async fn look_at_bucket(&self, row: &[u8], id: PartitionId) -> Result<()> {
        if Partition::new(&self.rows, id).is_open().await? {
            self.ledger.state().partitions.insert(id);
            return Ok(());
        }
        self.forget_bucket(&key::bucket_name(row), id).await
    }

    /// Collects all known garbage. A failed deletion stays known and does not stop the others; the first failure is
    /// returned.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`].
    pub async fn collect(&self) -> Result<()> {
        let mut outcome = Ok(());
        let doubts: Vec<_> = self.ledger.state().in_doubt.iter().copied().collect();
        for blob in doubts {
            outcome = outcome.and(self.settle(blob).await);
        }
        let abandoned: Vec<_> = self.ledger.state().abandoned.iter().copied().collect();
        let mut deleted = Vec::new();
        for blob in abandoned {
            match self.blobs.delete(blob).await {
                Ok(()) => deleted.push(blob),
                Err(error) => outcome = outcome.and(Err(error.into())),
            }
        }
        if !deleted.is_empty() {
            // Until then, a power cut may bring them back as orphans.
            self.blobs.sync_deletions().await?;
            let mut state = self.ledger.state();
            for blob in deleted {
                state.abandoned.remove(&blob);
                state.orphans.settle(blob);
            }
        }
        let partitions: Vec<_> = self.ledger.state().partitions.iter().copied().collect();
        for partition in partitions {
            self.ledger.state().partitions.remove(&partition);
            let collected = if partition == PartitionId::ROOT {
                self.collect_closing().await
            } else {
                self.collect_partition(partition).await.map(drop)
            };
            if collected.is_err() {
                self.ledger.state().partitions.insert(partition);
            }
            outcome = outcome.and(collected);
        }
        outcome
    }

    /// Determines the fate of a blob in doubt, by a commit that changes nothing. Commits of a partition take effect in
    /// the order they were requested, so if this one finds no row of the blob, there will never be one.
    async fn settle(&self, blob: BlobId) -> Result<()> {
        let mut batch = Partition::new(&self.rows, blob.partition).batch();
        batch.expect::<BlobRecord>(key::blob(blob.random), None);
        let held = matches!(batch.commit().await?, CommitOutcome::Stale(_));
        let mut state = self.ledger.state();
        if state.in_doubt.remove(&blob) {
            state.pending.remove(&blob);
            // Its commit may have created garbage of the previous version.
            state.partitions.insert(blob.partition);
            if held {
                state.orphans.settle(blob);
            } else {
                state.abandoned.insert(blob);
            }
        }
        Ok(())
    }

    /// Deletes the garbage blobs of a partition, except those of contents that are being read. Returns whether there
    /// were no such exceptions.
    async fn collect_partition(&self, partition: PartitionId) -> Result<bool> {
        self.await_commits(partition).await?;
        let spent = self.collect_spent(partition).await;
        let mut from = Bytes::from_static(key::GARBAGE);
        let (mut outcome, mut all) = (spent, true);
        while let Some(current) = Partition::current(&self.rows, partition).await? {
            let rows = current
                .scan_each::<GarbageRecord>(key::GARBAGE, from.clone(), STEP)
                .await?;
            let Some((last, _)) = rows.last() else { break };
            let next = row_key::after(last);
            let mut batch = current.batch();
            for (row, found) in rows {
                match found {
                    Ok(garbage) if self.ledger.pass_over(garbage.record.content) => {
                        all = false;
                        continue;
                    }
                    Ok(_) => {}
                    Err(error) => {
                        outcome = outcome.and(Err(error.into()));
                        continue;
                    }
                }
                if let Some(random) = key::id(&row, key::GARBAGE) {
                    self.blobs.delete(BlobId { partition, random }).await?;
                }
                batch.delete(row);
            }
            // Otherwise a power cut could bring back blobs that no row refers to any more.
            self.blobs.sync_deletions().await?;
            // Refused: the partition was closed in the meantime; the next iteration reads its new generation.
            if batch.commit().await?.is_done() {
                from = next;
            }
        }
        outcome.map(|()| all)
    }

    /// Waits for commits whose callers were cancelled, by a commit that changes nothing: commits of a partition take
    /// effect in the order they were requested.
    async fn await_commits(&self, partition: PartitionId) -> Result<()> {
        if !self.ledger.state().in_question.contains(&partition) {
            return Ok(());
        }
        // Removed before the commit: commits cancelled from now on are in question again.
        self.ledger.state().in_question.remove(&partition);
        let committed = Partition::new(&self.rows, partition).batch().commit().await;
        if committed.is_err() {
            self.ledger.state().in_question.insert(partition);
        }
        Ok(committed.map(drop)?)
    }

    /// Deletes the parts of ended uploads that no version took over. No part can be added to them any more.
    async fn collect_spent(&self, partition: PartitionId) -> Result<()> {
        while let Some(current) = Partition::current(&self.rows, partition).await? {
            let from = Bytes::from_static(key::SPENT);
            let spent = current.scan::<SpentRecord>(key::SPENT, from, 1).await?;
            let Some((row, _)) = spent.into_iter().next() else {
                break;
            };
            let mut batch = current.batch();
            if let Some(upload) = key::id(&row, key::SPENT) {
                let prefix = key::parts_of(upload);
                let parts = current.scan::<PartRecord>(&prefix, prefix.clone(), STEP).await?;
                let all = parts.len() < STEP;
                let mut locations = Vec::new();
                for (row, part) in parts {
                    // Another collection may delete it at the same time; its usage must be subtracted once.
                    batch.expect(row.clone(), Some(&part));
                    batch.delete(row);
                    Usage::of_part(&part.record).subtract_from(&mut batch);
                    locations.push(PartLocation::Blob(part.record.blob));
                }
                self.discard(&mut batch, upload, &locations)?;
                if all {
                    batch.delete(row);
                }
            } else {
                batch.delete(row);
            }
            let change = Amount::of(Usage::of_batch(&batch));
            let meter = self.meters.bucket(partition);
            // Refused: the partition was closed in the meantime, or another collection was faster; the next iteration reads
            // what is there now.
            let _ = meter.watch(change, &Room::default(), batch.commit()).await?;
        }
        Ok(())
    }

    /// Clears the partitions of deleted buckets.
    async fn collect_closing(&self) -> Result<()> {
        let mut pages = Pages::<ClosingRecord>::new(&self.root, Bytes::from_static(key::CLOSING));
        let mut outcome = Ok(());
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                let Some(id) = key::id(&row, key::CLOSING) else {
                    continue;
                };
                let cleared = match found {
                    Ok(found) => self.clear(PartitionId(id), row, &found).await,
                    Err(error) => Err(error.into()),
                };
                outcome = outcome.and(cleared);
            }
        }
        outcome
    }

    /// Clears the partition of a deleted bucket, unless its contents are still being read. Does nothing if the row is
    /// that of a bucket in creation.
    async fn clear(&self, partition: PartitionId, row: Bytes, found: &Found<ClosingRecord>) -> Result<()> {
        // After this, no creation is in progress; and a commit that changes nothing takes effect after all earlier ones.
        let alone = self.wrapping.alone().await;
        let mut is_still_there = self.root.batch();
        is_still_there.expect(row.clone(), Some(found));
        if !is_still_there.commit().await?.is_done()
            || !self.remove_closed_key(partition, &found.record).await?
        {
            return Ok(());
        }
        drop(alone);
        if !self.collect_partition(partition).await? {
            return Ok(());
        }
        self.empty_partition(partition).await?;
        self.rows.index().remove_partition(partition).await?;
        self.meters.remove(partition);
        let mut batch = self.root.batch();
        batch.delete(row);
        let _ = batch.commit().await?;
        Ok(())
    }
}
