//! `strongroom usage`: what accounts and buckets hold, now and on earlier days; and the proof of it.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_access::arn::AccountId;
use strongroom_engine::model::usage::{ModeUsage, Usage};
use strongroom_engine::operator::usage::Recount;
use time::{Date, Duration};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;
use crate::admin::jobs::accounts::find;

/// Maximum number of days of samples.
const MAX_DAYS: u32 = 3650;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowUsage {
    /// Id or name of an account. `None`: all accounts.
    pub(crate) account: Option<String>,
    /// Name of a bucket. `None`: all buckets.
    pub(crate) bucket: Option<String>,
    /// Daily samples of this many days, today included. `None`: the usage now.
    pub(crate) days: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecountUsage {
    /// Name of a bucket. `None`: all buckets.
    pub(crate) bucket: Option<String>,
    /// Set wrong counters right.
    #[serde(default)]
    pub(crate) mend: bool,
}

/// Usage of a bucket under one encryption mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageRow {
    /// Day of the sample. `None`: now.
    pub(crate) day: Option<String>,
    /// Id of the account.
    pub(crate) account: String,
    pub(crate) bucket: String,
    /// `SSE-S3`, `SSE-KMS` or `SSE-C`; `none` for delete markers.
    pub(crate) mode: String,
    pub(crate) objects: i64,
    pub(crate) versions: i64,
    pub(crate) bytes: i64,
    pub(crate) uploads: i64,
    pub(crate) part_bytes: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UsageDone {}

/// Bucket that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecountRow {
    pub(crate) bucket: String,
    /// True if the counters are what the rows show.
    pub(crate) exact: bool,
    /// Rows that cannot be read.
    pub(crate) unreadable: u64,
    /// True if the counters were wrong and were set right.
    pub(crate) mended: bool,
    /// Numbers that differ: by the counters, then by the rows.
    pub(crate) differences: Vec<Difference>,
}

/// Number that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Difference {
    pub(crate) mode: String,
    pub(crate) what: String,
    pub(crate) counted: i64,
    pub(crate) rows: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recounted {
    pub(crate) buckets: u64,
    /// Buckets whose counters were wrong, or whose rows cannot all be read.
    pub(crate) wrong: u64,
    /// Buckets whose counters were set right.
    pub(crate) mended: u64,
}

/// Returns the numbers of each mode. Delete markers count as versions without encryption.
fn by_mode(usage: &Usage) -> [(&'static str, ModeUsage); 4] {
    let markers = ModeUsage {
        versions: usage.markers,
        ..ModeUsage::default()
    };
    [
        ("SSE-S3", usage.s3),
        ("SSE-KMS", usage.kms),
        ("SSE-C", usage.customer),
        ("none", markers),
    ]
}

/// Returns the rows of a bucket: a row for each mode that has something, or one of zeros.
fn rows(day: Option<&str>, account: AccountId, bucket: &str, usage: &Usage) -> Vec<UsageRow> {
    let mut all = by_mode(usage).to_vec();
    all.retain(|(_, of_mode)| *of_mode != ModeUsage::default());
    if all.is_empty() {
        all.push(("none", ModeUsage::default()));
    }
    let row = |(mode, usage): (&str, ModeUsage)| UsageRow {
        day: day.map(str::to_owned),
        account: account.to_string(),
        bucket: bucket.to_owned(),
        mode: mode.to_owned(),
        objects: usage.objects,
        versions: usage.versions,
        bytes: usage.bytes,
        uploads: usage.uploads,
        part_bytes: usage.part_bytes,
    };
    all.into_iter().map(row).collect()
}

impl Job for ShowUsage {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/usage";
    const STREAMS: bool = true;
    type Row = UsageRow;
    type Outcome = UsageDone;

    fn command(&self) -> &'static str {
        "usage"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<UsageDone, JobError> {
        let engine = &host.core.engine;
        let account = match &self.account {
            Some(account) => Some(find(host, account).await?),
            None => None,
        };
        let is_meant = |bucket: &str| self.bucket.as_deref().is_none_or(|meant| meant == bucket);
        if let Some(days) = self.days {
            if !(1..=MAX_DAYS).contains(&days) {
                return Err(JobError::Days(MAX_DAYS));
            }
            let samples = engine.usage_samples(days, account, |sample| {
                if is_meant(&sample.bucket) {
                    let day = date(sample.day);
                    for row in rows(Some(&day), sample.account, &sample.bucket, &sample.usage) {
                        events.row(row);
                    }
                }
            });
            samples.await?;
            return Ok(UsageDone {});
        }
        let mut found = false;
        for bucket in engine.usage_of_buckets(account).await? {
            if is_meant(&bucket.bucket) {
                found = true;
                for row in rows(None, bucket.account, &bucket.bucket, &bucket.usage) {
                    events.row(row);
                }
            }
        }
        match &self.bucket {
            Some(bucket) if !found => Err(JobError::NoBucket(bucket.clone())),
            _ => Ok(UsageDone {}),
        }
    }
}

impl Job for RecountUsage {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/usage/recount";
    const STREAMS: bool = true;
    type Row = RecountRow;
    type Outcome = Recounted;

    fn command(&self) -> &'static str {
        "usage recount"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<Recounted, JobError> {
        let engine = &host.core.engine;
        let buckets = if let Some(bucket) = &self.bucket {
            vec![bucket.clone()]
        } else {
            let all = engine.survey_buckets().await?.into_iter();
            all.map(|bucket| bucket.name).collect()
        };
        let mut done = Recounted {
            buckets: 0,
            wrong: 0,
            mended: 0,
        };
        for bucket in buckets {
            events.progress(|| format!("counting the rows of {bucket}"));
            let recount = match engine.recount(&bucket).await {
                // Deleted in the meantime.
                Err(strongroom_engine::Error::NoSuchBucket(_)) if self.bucket.is_none() => continue,
                recount => recount?,
            };
            let mended = self.mend && recount.counters != recount.rows && recount.unreadable == 0;
            if mended {
                engine.mend_usage(&bucket).await?;
            }
            done.buckets += 1;
            done.wrong += u64::from(!recount.is_exact());
            done.mended += u64::from(mended);
            events.row(RecountRow {
                bucket,
                exact: recount.is_exact(),
                unreadable: recount.unreadable,
                mended,
                differences: differences(&recount),
            });
        }
        Ok(done)
    }
}

fn differences(recount: &Recount) -> Vec<Difference> {
    let mut differences = Vec::new();
    let both = by_mode(&recount.counters).into_iter().zip(by_mode(&recount.rows));
    for ((mode, counted), (_, rows)) in both {
        for (what, counted, rows) in [
            ("objects", counted.objects, rows.objects),
            ("versions", counted.versions, rows.versions),
            ("bytes", counted.bytes, rows.bytes),
            ("uploads", counted.uploads, rows.uploads),
            ("part bytes", counted.part_bytes, rows.part_bytes),
        ] {
            if counted != rows {
                differences.push(Difference {
                    mode: mode.to_owned(),
                    what: what.to_owned(),
                    counted,
                    rows,
                });
            }
        }
    }
    differences
}

/// Returns a day as `2026-11-30`.
fn date(day: u32) -> String {
    let epoch = time::OffsetDateTime::UNIX_EPOCH.date();
    let date = epoch.checked_add(Duration::days(day.into())).unwrap_or(Date::MAX);
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}
