//! Orphans: blobs that no row refers to. A crash between the end of a blob and its commit leaves some; so does the loss of
//! rows, and then they are all that is left. They are set aside, and deleted only after a long time.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::lost_rows::LostRows;
use crate::rows::key;
use std::time::Duration;
use strongroom_rows::Partition;
use strongroom_store::{BlobId, PartitionId, StoreError};

/// Blobs processed in one step.
const STEP: usize = 256;

/// Orphans that were found.
#[derive(Default)]
pub(crate) struct Orphans {
    /// Orphans of buckets in the index.
    pending: Vec<BlobId>,
    /// Number of blobs of buckets that are not in the index.
    strays: u64,
}

/// Blobs that were set aside.
#[derive(Clone, Copy, Default)]
struct SetAside {
    blobs: u64,
    /// Size on the disk.
    bytes: u64,
}

impl Engine {
    /// Sets orphans aside, however many there are, and returns their number.
    ///
    /// The bucket of an orphan is in the index, where the blob's row would have been written. Blobs of buckets that the
    /// index does not know at all stay where they are: they belong to an index that was lost, and may be needed when it
    /// is found.
    ///
    /// A blob without a row is treated as an orphan if this engine did not begin it, so no other process may write to
    /// the store.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn collect_orphans(&self) -> Result<u64> {
        let orphans = self.find_orphans().await?;
        self.set_all_aside(orphans).await
    }

    /// Lets the collector accept any number of orphans at its first scan: the rows of their objects are lost.
    pub fn accept_lost_rows(&self) {
        self.orphans.accept_any();
    }

    /// Waits until the collector finds more orphans than crashes can have left.
    pub async fn lost_rows(&self) -> LostRows {
        self.orphans.refused().await
    }

    /// Waits until the store can make no commit any more, and returns the reason. The process should end then: its next
    /// start checks the store.
    pub async fn store_ended(&self) -> StoreError {
        self.integrity.ended().await
    }

    /// Finds all blobs without a row that this engine did not begin. Changes nothing.
    pub(crate) async fn find_orphans(&self) -> Result<Orphans> {
        let mut orphans = Orphans::default();
        // Blobs are listed bucket by bucket.
        let mut looked_up: Option<(PartitionId, bool)> = None;
        let mut after = None;
        loop {
            let blobs = self.blobs.list(after, STEP).await?;
            for blob in &blobs {
                // In this order: a blob that this engine has settled has its row by now, or was deleted.
                if self.ledger.is_ours(*blob) || self.is_known(*blob).await? || self.is_deleted(*blob).await {
                    continue;
                }
                let has_bucket = match looked_up {
                    Some((partition, has_bucket)) if partition == blob.partition => has_bucket,
                    _ => Partition::current(&self.rows, blob.partition).await?.is_some(),
                };
                looked_up = Some((blob.partition, has_bucket));
                if has_bucket {
                    orphans.pending.push(*blob);
                } else {
                    orphans.strays += 1;
                }
            }
            after = blobs.last().copied();
            if blobs.len() < STEP {
                return Ok(orphans);
            }
        }
    }

    /// Compares the number of orphans with the one that crashes can have left.
    pub(crate) fn judge(&self, orphans: &Orphans) -> Result<(), LostRows> {
        if self.orphans.is_any_accepted() {
            return Ok(());
        }
        self.orphans.judge(orphans.pending.len() as u64 + orphans.strays)
    }

    /// Sets orphans aside, and returns their number. From then on only those that are left are expected.
    pub(crate) async fn set_all_aside(&self, orphans: Orphans) -> Result<u64> {
        let Orphans { pending, strays } = orphans;
        let mut set_aside = SetAside::default();
        for blob in pending {
            self.set_aside(blob, &mut set_aside).await?;
        }
        self.warn_of(set_aside);
        if strays > 0 {
            tracing::warn!(
                strays,
                "found blobs of buckets that are not in the index, and kept them: check that it is the right index"
            );
        }
        // Otherwise a power cut could bring them back, when no more are expected.
        self.blobs.sync_deletions().await?;
        self.orphans.begin_again(strays).await?;
        Ok(set_aside.blobs)
    }

    async fn set_aside(&self, blob: BlobId, orphans: &mut SetAside) -> Result<()> {
        match self.blobs.set_aside(blob, self.clock.now()).await {
            Ok(bytes) => {
                orphans.blobs += 1;
                orphans.bytes += bytes;
                Ok(())
            }
            // It was abandoned, and deleted meanwhile.
            Err(StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn warn_of(&self, orphans: SetAside) {
        if orphans.blobs > 0 {
            tracing::warn!(
                blobs = orphans.blobs,
                bytes = orphans.bytes,
                kept_days = self.keep_lost.as_secs() / 86_400,
                "set aside blobs that no row refers to: a crash leaves some, more are a sign that rows were lost; \
                 strongroom lost list shows them"
            );
        }
    }

    /// Deletes every blob of a closed bucket that a row refers to: none of them will be held again. Sets the others
    /// aside.
    pub(crate) async fn empty_partition(&self, partition: PartitionId) -> Result<()> {
        let mut orphans = SetAside::default();
        let mut after = BlobId {
            partition,
            random: [0; 16],
        };
        loop {
            let blobs = self.blobs.list(Some(after), STEP).await?;
            let of_bucket = blobs.iter().take_while(|blob| blob.partition == partition);
            let mut seen = 0;
            for blob in of_bucket {
                // A blob of our own without a row was written too late: the bucket was closed before its commit.
                if self.ledger.is_ours(*blob) || self.is_known(*blob).await? {
                    self.blobs.delete(*blob).await?;
                } else {
                    self.set_aside(*blob, &mut orphans).await?;
                }
                (after, seen) = (*blob, seen + 1);
            }
            if seen < STEP {
                self.warn_of(orphans);
                // The rows of the blobs are removed next.
                self.blobs.sync_deletions().await?;
                return Ok(());
            }
        }
    }

    /// Deletes the blobs that were set aside long enough ago.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn delete_old_lost_blobs(&self) -> Result<()> {
        let now = Duration::from_micros(self.clock.now());
        let (mut after, mut deleted) = (None, SetAside::default());
        loop {
            let lost = self.blobs.list_lost(after, STEP).await?;
            for blob in &lost {
                if now.saturating_sub(Duration::from_micros(blob.since)) >= self.keep_lost {
                    self.blobs.delete_lost(blob.id).await?;
                    deleted.blobs += 1;
                    deleted.bytes += blob.bytes;
                }
            }
            after = lost.last().map(|blob| blob.id);
            if lost.len() < STEP {
                break;
            }
        }
        if deleted.blobs > 0 {
            let SetAside { blobs, bytes } = deleted;
            tracing::info!(blobs, bytes, "deleted blobs that had been set aside");
        }
        Ok(())
    }

    /// Returns whether a blob was deleted since it was listed.
    async fn is_deleted(&self, blob: BlobId) -> bool {
        matches!(self.blobs.open(blob).await, Err(StoreError::NotFound(_)))
    }

    /// Returns whether a row refers to a blob. A damaged row counts: its blob is not an orphan.
    pub(crate) async fn is_known(&self, blob: BlobId) -> Result<bool> {
        let rows = Partition::new(&self.rows, blob.partition);
        let (held, garbage) = (key::blob(blob.random), key::garbage(blob.random));
        Ok(rows.get_sealed(&held).await?.is_some() || rows.get_sealed(&garbage).await?.is_some())
    }
}
