//! Orphans: blobs that no row refers to, left by a crash between the end of a blob and its commit.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::rows::key;
use crate::rows::partition::Partition;
use strongroom_store::{BlobId, PartitionId};

/// Blobs processed in one step.
const STEP: usize = 256;

impl Engine {
    /// Deletes orphans, and returns their number.
    ///
    /// The bucket of an orphan is in the index, where the blob's row would have been written. Blobs of buckets that the
    /// index does not know at all are left alone: they belong to an index that was lost, and may be needed when it is
    /// found.
    ///
    /// A blob without a row is treated as an orphan if this engine did not begin it, so no other process may write to
    /// the store.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn collect_orphans(&self) -> Result<usize> {
        let (mut orphans, mut strays) = (0, 0_u64);
        // Blobs are listed bucket by bucket.
        let mut looked_up: Option<(PartitionId, bool)> = None;
        let mut after = None;
        loop {
            let blobs = self.blobs.list(after, STEP).await?;
            for blob in &blobs {
                // In this order: a blob that is no longer pending has its row by now.
                if self.ledger.is_pending(*blob) || self.is_known(*blob).await? {
                    continue;
                }
                let has_bucket = match looked_up {
                    Some((partition, has_bucket)) if partition == blob.partition => has_bucket,
                    _ => Partition::current(&self.rows, blob.partition).await?.is_some(),
                };
                looked_up = Some((blob.partition, has_bucket));
                if has_bucket {
                    self.blobs.delete(*blob).await?;
                    orphans += 1;
                } else {
                    strays += 1;
                }
            }
            after = blobs.last().copied();
            if blobs.len() < STEP {
                break;
            }
        }
        if orphans > 0 {
            tracing::info!(orphans, "deleted blobs that a crash left behind");
        }
        if strays > 0 {
            tracing::warn!(
                strays,
                "found blobs of buckets that are not in the index, and kept them: check that it is the right index"
            );
        }
        Ok(orphans)
    }

    /// Deletes every blob of a closed bucket: none of them will be held again.
    pub(crate) async fn delete_blobs_of(&self, partition: PartitionId) -> Result<()> {
        let mut after = BlobId {
            partition,
            random: [0; 16],
        };
        loop {
            let blobs = self.blobs.list(Some(after), STEP).await?;
            let of_bucket = blobs.iter().take_while(|blob| blob.partition == partition);
            let mut deleted = 0;
            for blob in of_bucket {
                self.blobs.delete(*blob).await?;
                (after, deleted) = (*blob, deleted + 1);
            }
            if deleted < STEP {
                return Ok(());
            }
        }
    }

    /// Returns whether a row refers to a blob. A damaged row counts: its blob is not an orphan.
    async fn is_known(&self, blob: BlobId) -> Result<bool> {
        let rows = Partition::new(&self.rows, blob.partition);
        let (held, garbage) = (key::blob(blob.random), key::garbage(blob.random));
        Ok(rows.get_sealed(&held).await?.is_some() || rows.get_sealed(&garbage).await?.is_some())
    }
}
