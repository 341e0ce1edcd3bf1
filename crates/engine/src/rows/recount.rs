//! Counts the usage of a bucket from its rows, and compares it with the counters.

use crate::model::error::{Error, Result};
use crate::model::usage::Usage;
use crate::rows::key;
use crate::rows::record::{PartRecord, UploadRecord, VersionRecord, VersionSummary};
use crate::rows::usage::{COUNTED, FIELDS};
use strongroom_rows::{CommitOutcome, Partition};
use strongroom_seal::Envelope;
use strongroom_store::{Content, Contents, Row};

/// Usage of a bucket at one moment: by its counters, and by its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Values of the counters.
    pub counters: Usage,
    /// Numbers counted from the rows.
    pub rows: Usage,
    /// Rows that cannot be read and are not counted.
    pub unreadable: u64,
    /// Value of [`COUNTED`].
    counted: i64,
}

impl Recount {
    /// Returns whether the counters are right.
    pub fn is_exact(&self) -> bool {
        self.counters == self.rows && self.unreadable == 0
    }
}

/// Counts all rows of a bucket, from a snapshot: commits may go on.
pub(crate) async fn recount(rows: &Partition) -> Result<Recount> {
    let (contents, rows) = (rows.contents().await?, rows.clone());
    let counting = tokio::task::spawn_blocking(move || count(&rows, contents));
    counting
        .await
        .map_err(|lost| Error::lost("counting the rows of a bucket", lost))?
}

/// Sets the counters of a bucket right. The difference between counters and rows is the same before and after every
/// commit, so it can be added while others commit; the commit requires that nobody else has added it.
///
/// # Errors
/// [`Error::Damaged`] if rows cannot be read: their usage is unknown.
pub(crate) async fn set_counters(rows: &Partition) -> Result<(Recount, CommitOutcome)> {
    loop {
        let recount = recount(rows).await?;
        if recount.unreadable > 0 {
            return Err(Error::Damaged(format!(
                "{} rows of the bucket cannot be read, so its usage cannot be counted: see strongroom verify",
                recount.unreadable
            )));
        }
        let mut batch = rows.batch();
        batch.expect_counter(COUNTED, recount.counted);
        batch.count(COUNTED, 1);
        let mut difference = recount.rows;
        difference -= recount.counters;
        difference.add_to(&mut batch);
        match batch.commit().await? {
            CommitOutcome::Stale(_) => {}
            outcome => return Ok((recount, outcome)),
        }
    }
}

/// Counts a bucket from a release without counters.
pub(crate) async fn ensure_counted(rows: &Partition) -> Result<()> {
    if rows.counter(COUNTED).await? == 0 && rows.is_open().await? {
        let (recount, _) = set_counters(rows).await?;
        tracing::info!(bucket = %rows.id(), versions = recount.rows.version_rows(), "counted the contents of a bucket");
    }
    Ok(())
}

fn count(rows: &Partition, contents: Contents) -> Result<Recount> {
    let mut recount = Recount::default();
    for content in contents {
        match content? {
            Content::Counter(name, value) if name == COUNTED.0 => recount.counted = value,
            Content::Counter(name, value) => {
                if let Some((_, field)) = FIELDS.iter().find(|(counter, _)| name == counter.0) {
                    *field(&mut recount.counters) = value;
                }
            }
            Content::Row(row) => match usage_of(rows, &row) {
                Ok(usage) => recount.rows += usage,
                Err(_) => recount.unreadable += 1,
            },
        }
    }
    Ok(recount)
}

/// Returns the usage of a row.
fn usage_of(rows: &Partition, row: &Row) -> Result<Usage> {
    let (key, value) = (&row.key, &row.value);
    Ok(if key.starts_with(key::VERSION) {
        let record: VersionRecord = rows.open(key, value)?;
        Usage::of_version(&record.summary, record.content.is_none())
    } else if key.starts_with(key::CURRENT) {
        Usage::of_current(&rows.open::<VersionSummary>(key, value)?)
    } else if key.starts_with(key::UPLOAD) {
        let record: UploadRecord = rows.open(key, value)?;
        Usage::of_upload(Envelope::from_bytes(&record.envelope)?.mode())
    } else if key.starts_with(key::PART) {
        Usage::of_part(&rows.open::<PartRecord>(key, value)?)
    } else {
        Usage::default()
    })
}
