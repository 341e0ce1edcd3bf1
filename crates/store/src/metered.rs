//! Counts what a store is asked and what goes through it.

mod blobs;
mod index;

use crate::{Result, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

impl Store {
    /// The same store, counted. The counts live as long as anyone holds them.
    #[must_use]
    pub fn metered(self) -> (Self, Arc<Meter>) {
        let meter = Arc::<Meter>::default();
        let store = Self {
            blobs: Arc::new(blobs::MeteredBlobs {
                inner: self.blobs,
                meter: Arc::clone(&meter),
            }),
            index: Arc::new(index::MeteredIndex {
                inner: self.index,
                meter: Arc::clone(&meter),
            }),
        };
        (store, meter)
    }
}

/// Counters that only go up.
#[derive(Debug, Default)]
pub struct Meter {
    blob_writes: Tally,
    blob_reads: Tally,
    blob_deletes: Tally,
    blob_lists: Tally,
    blob_scrubs: Tally,
    index_gets: Tally,
    index_scans: Tally,
    index_commits: Tally,
    partition_changes: Tally,
    bytes_written: AtomicU64,
    bytes_read: AtomicU64,
    rows_scanned: AtomicU64,
    commits_refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    errors: AtomicU64,
}

/// How often something was done, and how often it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// All calls, failed ones too.
    pub made: u64,
    /// Those that ended with an error.
    pub failed: u64,
}

/// The counts at one moment. Each is exact; between them, calls may have come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Blobs finished.
    pub blob_writes: Calls,
    /// Ranges read from blobs. A blob that cannot be opened counts as one failed.
    pub blob_reads: Calls,
    /// Blobs deleted.
    pub blob_deletes: Calls,
    /// Pages of blobs listed.
    pub blob_lists: Calls,
    /// Blobs scrubbed.
    pub blob_scrubs: Calls,
    /// Rows, counters and generations read.
    pub index_gets: Calls,
    /// Scans.
    pub index_scans: Calls,
    /// Commits; refused ones have not failed.
    pub index_commits: Calls,
    /// Partitions made and removed.
    pub partition_changes: Calls,
    /// Sealed bytes of blobs handed to be written.
    pub bytes_written: u64,
    /// Sealed bytes of blobs read.
    pub bytes_read: u64,
    /// Rows scans returned.
    pub rows_scanned: u64,
    /// Commits refused.
    pub commits_refused: u64,
}

impl Meter {
    /// The counts as they are now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            blob_writes: self.blob_writes.read(),
            blob_reads: self.blob_reads.read(),
            blob_deletes: self.blob_deletes.read(),
            blob_lists: self.blob_lists.read(),
            blob_scrubs: self.blob_scrubs.read(),
            index_gets: self.index_gets.read(),
            index_scans: self.index_scans.read(),
            index_commits: self.index_commits.read(),
            partition_changes: self.partition_changes.read(),
            bytes_written: self.bytes_written.load(Ordering::Relaxed),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            rows_scanned: self.rows_scanned.load(Ordering::Relaxed),
            commits_refused: self.commits_refused.load(Ordering::Relaxed),
        }
    }
}

impl Tally {
    fn read(&self) -> Calls {
        Calls {
            made: self.calls.load(Ordering::Relaxed),
            failed: self.errors.load(Ordering::Relaxed),
        }
    }

    fn count<T>(&self, result: Result<T>) -> Result<T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if result.is_err() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(amount as u64, Ordering::Relaxed);
}
