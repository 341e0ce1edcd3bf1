//! Blobs that were set aside, for the operator.

use crate::engine::Engine;
use crate::model::error::Result;
use strongroom_store::{BlobId, LostBlob};

/// Blobs processed in one step.
const STEP: usize = 256;

/// Action on lost blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostAction {
    /// Show them.
    List,
    /// Delete them.
    Delete,
    /// Put them back.
    Restore,
}

impl Engine {
    /// Does an action on one blob that was set aside, or on all of them, and calls `done` with each.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn lost_blobs(
        &self,
        action: LostAction,
        only: Option<BlobId>,
        mut done: impl FnMut(&LostBlob) + Send,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let lost = self.blobs.list_lost(after, STEP).await?;
            for blob in lost.iter().filter(|blob| only.is_none_or(|only| only == blob.id)) {
                match action {
                    LostAction::List => {}
                    LostAction::Delete => self.blobs.delete_lost(blob.id).await?,
                    LostAction::Restore => {
                        if !self.is_known(blob.id).await? {
                            self.orphans.expect_more(1).await?;
                        }
                        self.blobs.restore_lost(blob.id).await?;
                    }
                }
                done(blob);
            }
            after = lost.last().map(|blob| blob.id);
            if lost.len() < STEP {
                return Ok(());
            }
        }
    }
}
