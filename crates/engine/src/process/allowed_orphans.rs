//! The number of orphans that the store allows: always at least the number of blobs that are finished and not committed.
//! So more orphans at the next start prove that rows were lost.

use crate::model::error::Result;
use crate::model::lost_rows::LostRows;
use crate::process::ledger::BlobLedger;
use crate::process::orphan_count::OrphanCount;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_store::{BlobId, Integrity};
use tokio::sync::{Mutex, watch};

/// Keeps the number that the store allows.
pub(crate) struct AllowedOrphans {
    integrity: Arc<dyn Integrity>,
    ledger: Arc<BlobLedger>,
    /// Held while the number is changed.
    changing: Mutex<()>,
    /// Any number is accepted by the first sweep.
    is_any_accepted: AtomicBool,
    refused: watch::Sender<Option<LostRows>>,
}

impl AllowedOrphans {
    pub(crate) fn new(integrity: Arc<dyn Integrity>, ledger: Arc<BlobLedger>) -> Self {
        let allowed = integrity.allowed_orphans();
        ledger.state().orphans = OrphanCount::new(allowed);
        Self {
            integrity,
            ledger,
            changing: Mutex::default(),
            is_any_accepted: AtomicBool::new(false),
            refused: watch::Sender::new(None),
        }
    }

    /// Notes that a blob is about to be finished. It must not be finished before this returns.
    pub(crate) async fn expect(&self, blob: BlobId) -> Result<()> {
        self.ledger.state().orphans.expect(blob);
        self.raise().await
    }

    /// Notes that blobs without a row exist, or are about to.
    pub(crate) async fn expect_more(&self, blobs: u64) -> Result<()> {
        self.ledger.state().orphans.expect_more(blobs);
        self.raise().await
    }

    async fn raise(&self) -> Result<()> {
        if self.ledger.state().orphans.is_enough() {
            return Ok(());
        }
        let _one = self.changing.lock().await;
        let wanted = {
            let state = self.ledger.state();
            if state.orphans.is_enough() {
                return Ok(());
            }
            state.orphans.wanted()
        };
        self.integrity.allow_orphans(wanted).await?;
        self.ledger.state().orphans.allow(wanted);
        Ok(())
    }

    /// Lets the number begin again after a sweep that left `kept` blobs without a row where they are.
    pub(crate) async fn begin_again(&self, kept: u64) -> Result<()> {
        let _one = self.changing.lock().await;
        self.is_any_accepted.store(false, Ordering::SeqCst);
        let Some(wanted) = self.ledger.state().orphans.begin_again(kept) else {
            return Ok(());
        };
        self.integrity.allow_orphans(wanted).await?;
        self.ledger.state().orphans.allow(wanted);
        Ok(())
    }

    /// Compares a number of orphans that were found, which are not those of this process, with those that are allowed.
    pub(crate) fn judge(&self, found: u64) -> Result<(), LostRows> {
        let allowed = self.ledger.state().orphans.inherited();
        if found > allowed {
            return Err(LostRows { found, allowed });
        }
        Ok(())
    }

    /// Lets the first sweep accept any number.
    pub(crate) fn accept_any(&self) {
        self.is_any_accepted.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_any_accepted(&self) -> bool {
        self.is_any_accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn refuse(&self, lost: LostRows) {
        self.refused.send_replace(Some(lost));
    }

    /// Waits until orphans are refused.
    pub(crate) async fn refused(&self) -> LostRows {
        let mut refused = self.refused.subscribe();
        loop {
            if let Some(lost) = *refused.borrow_and_update() {
                return lost;
            }
            if refused.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
