//! `strongroom verify`: checks stored data.

use std::num::NonZeroU32;

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_engine::operator::verify;

use crate::admin::about_version::AboutVersion;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;
use crate::terminal::progress;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verify {
    /// `None`: all buckets.
    pub(crate) bucket: Option<String>,
    #[serde(default)]
    pub(crate) prefix: String,
    /// Limit in MiB per second.
    pub(crate) rate: Option<NonZeroU32>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) opened: u64,
    pub(crate) sealed: u64,
    pub(crate) bytes: u64,
    pub(crate) without_key: u64,
    pub(crate) damaged: u64,
}

impl Job for Verify {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/objects/verify";
    const STREAMS: bool = true;
    /// A damaged version.
    type Row = AboutVersion;
    type Outcome = Verified;

    fn command(&self) -> &'static str {
        "verify"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<Verified, JobError> {
        let request = verify::Verify {
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            rate: self.rate.map(NonZeroU32::get),
        };
        let mut named = 0;
        let progress = |done: &verify::Verified| {
            // Report findings as they are found: checking a large store takes days.
            for finding in done.findings.iter().skip(named) {
                events.row(AboutVersion {
                    bucket: finding.bucket.clone(),
                    key: finding.object.clone(),
                    version: finding.version.clone(),
                    what: finding.what.clone(),
                });
            }
            named = done.findings.len();
            events.progress(|| {
                let seen = progress::versions(done.opened + done.sealed + done.without_key + done.damaged);
                let read = progress::bytes(done.bytes);
                format!("{seen}, {read} read, {} damaged", done.damaged)
            });
        };
        let done = host.core.engine.verify(&request, progress).await?;
        Ok(Verified {
            opened: done.opened,
            sealed: done.sealed,
            bytes: done.bytes,
            without_key: done.without_key,
            damaged: done.damaged,
        })
    }
}
