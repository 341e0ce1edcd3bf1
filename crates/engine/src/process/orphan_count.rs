//! The number of blobs without a row that must be expected if this process is killed now.

use std::collections::HashSet;
use strongroom_store::BlobId;

/// Smallest number that is allowed for blobs of this process. It is doubled when it is not enough, so it is written rarely.
const FEW: u64 = 16;

/// Orphans to expect, and the number of them that the store allows.
#[derive(Default)]
pub(crate) struct OrphanCount {
    /// Orphans that earlier processes may have left, or that the last sweep kept.
    inherited: u64,
    /// Blobs of this process that are finished, or being finished, and were neither committed nor deleted.
    uncommitted: HashSet<BlobId>,
    /// Number that the store allows.
    allowed: u64,
}

impl OrphanCount {
    /// Returns the count of a process that begins with a store that allows this number.
    pub(crate) fn new(allowed: u64) -> Self {
        Self {
            inherited: allowed,
            allowed,
            ..Self::default()
        }
    }

    /// Adds a blob that is about to be finished.
    pub(crate) fn expect(&mut self, blob: BlobId) {
        self.uncommitted.insert(blob);
    }

    /// Adds blobs without a row that are not those of this process.
    pub(crate) fn expect_more(&mut self, blobs: u64) {
        self.inherited = self.inherited.saturating_add(blobs);
    }

    /// Removes a blob that was committed or deleted.
    pub(crate) fn settle(&mut self, blob: BlobId) {
        self.uncommitted.remove(&blob);
    }

    /// Returns the number of orphans that are not blobs of this process.
    pub(crate) fn inherited(&self) -> u64 {
        self.inherited
    }

    /// Returns whether the store allows all that are expected.
    pub(crate) fn is_enough(&self) -> bool {
        self.inherited.saturating_add(self.uncommitted.len() as u64) <= self.allowed
    }

    /// Returns the number to allow.
    pub(crate) fn wanted(&self) -> u64 {
        let own = match self.uncommitted.len() as u64 {
            0 => 0,
            count => count.max(FEW).next_power_of_two(),
        };
        self.inherited.saturating_add(own)
    }

    /// Notes what the store allows now.
    pub(crate) fn allow(&mut self, allowed: u64) {
        self.allowed = allowed;
    }

    /// Begins again with `kept` orphans. Returns the number to allow, if the store allows another one.
    pub(crate) fn begin_again(&mut self, kept: u64) -> Option<u64> {
        self.inherited = kept;
        let wanted = self.wanted();
        if wanted == self.allowed {
            return None;
        }
        // A lower number counts before it is written, a higher one after.
        self.allowed = self.allowed.min(wanted);
        Some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strongroom_store::PartitionId;

    fn blob(n: u8) -> BlobId {
        BlobId {
            partition: PartitionId([1; 16]),
            random: [n; 16],
        }
    }

    #[test]
    fn the_number_is_raised_before_it_is_exceeded() {
        let (mut count, mut writes) = (OrphanCount::new(3), 0);
        for n in 0..100 {
            count.expect(blob(n));
            if !count.is_enough() {
                count.allow(count.wanted());
                writes += 1;
            }
            assert!(count.allowed > 3 + u64::from(n));
        }
        assert_eq!((count.allowed, writes), (3 + 128, 4), "16, 32, 64, 128");
        for n in 0..100 {
            count.settle(blob(n));
        }
        assert_eq!(count.begin_again(2), Some(2));
        assert_eq!(count.begin_again(2), None);
        count.expect(blob(1));
        assert!(!count.is_enough());
        assert_eq!(count.wanted(), 18);
    }

    #[test]
    fn a_lower_number_counts_before_it_is_written_and_a_higher_one_after() {
        let mut count = OrphanCount::new(100);
        assert_eq!(count.begin_again(0), Some(0));
        count.expect(blob(1));
        assert!(!count.is_enough());
        let mut count = OrphanCount::new(0);
        assert_eq!(count.begin_again(20), Some(20));
        assert!(!count.is_enough());
    }

    #[test]
    fn a_store_may_allow_any_number() {
        let mut count = OrphanCount::new(u64::MAX);
        count.expect(blob(1));
        assert!(count.is_enough());
        assert_eq!(count.wanted(), u64::MAX);
    }
}
