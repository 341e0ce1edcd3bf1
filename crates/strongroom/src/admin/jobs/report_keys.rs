//! `strongroom report keys`: reports which keys are in use.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_audit::log::line::mode_name;

use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;
use crate::terminal::progress;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportKeys {}

/// Part of the report.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReportRow {
    Usage(Usage),
    /// Name of a bucket whose own row is damaged, so that nothing in it is counted.
    DamagedBucket(String),
}

/// Use of one key in one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) bucket: String,
    pub(crate) mode: String,
    /// Empty for customer keys, which have no recorded name.
    pub(crate) key_id: String,
    /// Empty if unknown.
    pub(crate) key_version: String,
    pub(crate) versions: u64,
    /// Uploads in progress.
    pub(crate) uploads: u64,
    pub(crate) bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reported {
    /// Versions and uploads whose rows are damaged.
    pub(crate) damaged: u64,
}

impl Job for ReportKeys {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/keys/usage";
    const STREAMS: bool = true;
    type Row = ReportRow;
    type Outcome = Reported;

    fn command(&self) -> &'static str {
        "report keys"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<Reported, JobError> {
        let engine = &host.core.engine;
        let report = engine
            .report_keys(|seen| events.progress(|| format!("checked {}", progress::versions(seen))))
            .await?;
        for usage in report.usage {
            events.row(ReportRow::Usage(Usage {
                bucket: usage.bucket,
                mode: mode_name(usage.mode).to_owned(),
                key_id: usage.key_id,
                key_version: usage.key_version,
                versions: usage.versions,
                uploads: usage.uploads,
                bytes: usage.bytes,
            }));
        }
        for bucket in report.damaged_buckets {
            events.row(ReportRow::DamagedBucket(bucket));
        }
        Ok(Reported {
            damaged: report.damaged,
        })
    }
}
