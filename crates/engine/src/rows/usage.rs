//! Counters of a bucket's usage: each batch that adds or removes a counted row changes them with it.

use crate::model::error::Result;
use crate::model::usage::Usage;
use crate::rows::record::{PartRecord, VersionSummary};
use strongroom_rows::{Batch, Partition};
use strongroom_seal::Mode;
use strongroom_store::Counter;

/// Number of times that the counters of a bucket were set right, and 1 for its creation. 0: the bucket is from a release
/// without these counters.
pub(crate) const COUNTED: Counter = Counter("counted");

/// Number of a usage.
pub(crate) type Field = fn(&mut Usage) -> &mut i64;

/// Counters, and the numbers that they hold.
pub(crate) const FIELDS: [(Counter, Field); 16] = [
    (Counter("objects/s3"), |usage| &mut usage.s3.objects),
    (Counter("objects/kms"), |usage| &mut usage.kms.objects),
    (Counter("objects/customer"), |usage| &mut usage.customer.objects),
    (VERSIONS[0], |usage| &mut usage.s3.versions),
    (VERSIONS[1], |usage| &mut usage.kms.versions),
    (VERSIONS[2], |usage| &mut usage.customer.versions),
    (VERSIONS[3], |usage| &mut usage.markers),
    (Counter("bytes/s3"), |usage| &mut usage.s3.bytes),
    (Counter("bytes/kms"), |usage| &mut usage.kms.bytes),
    (Counter("bytes/customer"), |usage| &mut usage.customer.bytes),
    (Counter("uploads/s3"), |usage| &mut usage.s3.uploads),
    (Counter("uploads/kms"), |usage| &mut usage.kms.uploads),
    (Counter("uploads/customer"), |usage| &mut usage.customer.uploads),
    (Counter("part-bytes/s3"), |usage| &mut usage.s3.part_bytes),
    (Counter("part-bytes/kms"), |usage| &mut usage.kms.part_bytes),
    (Counter("part-bytes/customer"), |usage| {
        &mut usage.customer.part_bytes
    }),
];

/// Counters that add up to the number of rows of versions.
const VERSIONS: [Counter; 4] = [
    Counter("versions/s3"),
    Counter("versions/kms"),
    Counter("versions/customer"),
    Counter("markers"),
];

impl Usage {
    /// Returns the usage of the row of a version.
    pub(crate) fn of_version(summary: &VersionSummary, is_marker: bool) -> Self {
        let mut usage = Self::default();
        if is_marker {
            usage.markers = 1;
        } else {
            let of_mode = usage.of_mut(summary.mode());
            of_mode.versions = 1;
            of_mode.bytes = amount(summary.length);
        }
        usage
    }

    /// Returns the usage of the row of a current version, apart from that of its version.
    pub(crate) fn of_current(summary: &VersionSummary) -> Self {
        let mut usage = Self::default();
        usage.of_mut(summary.mode()).objects = 1;
        usage
    }

    /// Returns the usage of the row of an upload.
    pub(crate) fn of_upload(mode: Mode) -> Self {
        let mut usage = Self::default();
        usage.of_mut(mode).uploads = 1;
        usage
    }

    /// Returns the usage of the row of a part.
    pub(crate) fn of_part(part: &PartRecord) -> Self {
        let mut usage = Self::default();
        usage.of_mut(part.mode()).part_bytes = amount(part.length);
        usage
    }

    /// Returns the change that a batch makes.
    pub(crate) fn of_batch(batch: &Batch) -> Self {
        let mut usage = Self::default();
        for (counter, amount) in batch.counters() {
            if let Some((_, field)) = FIELDS.iter().find(|(of_field, _)| of_field == counter) {
                *field(&mut usage) += amount;
            }
        }
        usage
    }

    /// Adds this to the counters, in `batch`.
    pub(crate) fn add_to(mut self, batch: &mut Batch) {
        for (counter, field) in FIELDS {
            let amount = *field(&mut self);
            if amount != 0 {
                batch.count(counter, amount);
            }
        }
    }

    /// Subtracts this from the counters, in `batch`.
    pub(crate) fn subtract_from(self, batch: &mut Batch) {
        let mut negative = Self::default();
        negative -= self;
        negative.add_to(batch);
    }

    /// Returns the number of rows of versions.
    pub(crate) fn version_rows(&self) -> i64 {
        self.total().versions + self.markers
    }
}

/// Reads the counters of a bucket. They are not from one moment while others commit.
pub(crate) async fn counters(rows: &Partition) -> Result<Usage> {
    let mut usage = Usage::default();
    for (counter, field) in FIELDS {
        *field(&mut usage) = rows.counter(counter).await?;
    }
    Ok(usage)
}

/// Requires that the bucket has no versions and no delete markers.
pub(crate) fn expect_no_versions(batch: &mut Batch) {
    for counter in VERSIONS {
        batch.expect_counter(counter, 0);
    }
}

/// Returns bytes as an amount of a counter. Lengths end far below where this saturates.
fn amount(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
