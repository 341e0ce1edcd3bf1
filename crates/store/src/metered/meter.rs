//! Counters of the calls to a store.

use crate::error::Result;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a store. They only increase.
#[derive(Debug, Default)]
pub struct Meter {
    pub(super) blob_writes: Tally,
    pub(super) blob_reads: Tally,
    pub(super) blob_deletes: Tally,
    pub(super) blob_lists: Tally,
    pub(super) blob_scrubs: Tally,
    pub(super) blobs_set_aside: Tally,
    pub(super) index_gets: Tally,
    pub(super) index_scans: Tally,
    pub(super) index_commits: Tally,
    pub(super) partition_changes: Tally,
    pub(super) key_reads: Tally,
    pub(super) key_changes: Tally,
    pub(super) bytes_written: AtomicU64,
    pub(super) bytes_read: AtomicU64,
    pub(super) rows_scanned: AtomicU64,
    pub(super) commits_refused: AtomicU64,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    calls: AtomicU64,
    errors: AtomicU64,
}

/// Numbers of calls of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// All calls, including failed ones.
    pub made: u64,
    /// Calls that returned an error.
    pub failed: u64,
}

/// Values of the counters. Each is exact, but they are not from one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Finished blobs.
    pub blob_writes: Calls,
    /// Ranges read from blobs. A blob that cannot be opened counts as a failed call.
    pub blob_reads: Calls,
    /// Deleted blobs, including those that were set aside.
    pub blob_deletes: Calls,
    /// Listed pages of blobs, including those that were set aside.
    pub blob_lists: Calls,
    /// Scrubbed blobs.
    pub blob_scrubs: Calls,
    /// Blobs set aside.
    pub blobs_set_aside: Calls,
    /// Reads of rows, counters and generations.
    pub index_gets: Calls,
    /// Scans.
    pub index_scans: Calls,
    /// Commits. Refused ones do not count as failed.
    pub index_commits: Calls,
    /// Created and removed partitions.
    pub partition_changes: Calls,
    /// Reads of wrapped keys.
    pub key_reads: Calls,
    /// Changes of wrapped keys.
    pub key_changes: Calls,
    /// Sealed bytes passed to blob writers.
    pub bytes_written: u64,
    /// Sealed bytes read from blobs.
    pub bytes_read: u64,
    /// Rows returned by scans.
    pub rows_scanned: u64,
    /// Refused commits.
    pub commits_refused: u64,
}

impl Meter {
    /// Returns the current values of the counters.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            blob_writes: self.blob_writes.read(),
            blob_reads: self.blob_reads.read(),
            blob_deletes: self.blob_deletes.read(),
            blob_lists: self.blob_lists.read(),
            blob_scrubs: self.blob_scrubs.read(),
            blobs_set_aside: self.blobs_set_aside.read(),
            index_gets: self.index_gets.read(),
            index_scans: self.index_scans.read(),
            index_commits: self.index_commits.read(),
            partition_changes: self.partition_changes.read(),
            key_reads: self.key_reads.read(),
            key_changes: self.key_changes.read(),
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

    pub(super) fn count<T>(&self, result: Result<T>) -> Result<T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if result.is_err() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

pub(super) fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(amount as u64, Ordering::Relaxed);
}
