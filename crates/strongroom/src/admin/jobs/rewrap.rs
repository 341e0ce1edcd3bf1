//! `strongroom rewrap`: rewraps data keys of a bucket under another key.

use std::num::NonZeroU32;

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_engine::operator::rewrap_bucket::{self, RewrapBucket};

use crate::admin::about_version::AboutVersion;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;
use crate::cli::sealing::Sealing;
use crate::terminal::progress;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rewrap {
    pub(crate) bucket: String,
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) from: Sealing,
    pub(crate) to: Sealing,
    /// One key of the service may be shared by many objects.
    #[serde(default)]
    pub(crate) bucket_key: bool,
    /// Limit in versions per second.
    pub(crate) rate: Option<NonZeroU32>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RewrapSummary {
    pub(crate) seen: u64,
    pub(crate) rewrapped: u64,
    pub(crate) uploads: u64,
    pub(crate) failures: u64,
}

impl Job for Rewrap {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/objects/rewrap";
    const STREAMS: bool = true;
    /// A version that was not rewrapped.
    type Row = AboutVersion;
    type Outcome = RewrapSummary;

    fn command(&self) -> &'static str {
        "rewrap"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<RewrapSummary, JobError> {
        let request = RewrapBucket {
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            from: self.from.chosen(),
            to: self.to.wish(self.bucket_key),
            rate: self.rate.map(NonZeroU32::get),
        };
        let mut named = 0;
        let progress = |done: &rewrap_bucket::Rewrapped| {
            for (key, version, why) in done.failed.iter().skip(named) {
                events.row(AboutVersion {
                    bucket: self.bucket.clone(),
                    key: key.clone(),
                    version: version.clone(),
                    what: why.clone(),
                });
            }
            named = done.failed.len();
            events.progress(|| {
                // Versions written meanwhile may be included.
                let total = done.total.max(done.seen);
                format!(
                    "{} {} of {}, rewrapped {}",
                    progress::bar(done.seen, total),
                    done.seen,
                    progress::versions(total),
                    done.rewrapped
                )
            });
        };
        let done = host.core.engine.rewrap_bucket(&request, progress).await?;
        Ok(RewrapSummary {
            seen: done.seen,
            rewrapped: done.rewrapped,
            uploads: done.uploads,
            failures: done.failures,
        })
    }
}
