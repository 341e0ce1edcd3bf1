//! `strongroom bucket shred`: deletes a bucket's key, and the bucket.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_engine::Error;

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shred {
    pub(crate) bucket: String,
    /// Shred even if Object Lock protects versions in the bucket.
    pub(crate) with_locked: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shredded {}

impl Job for Shred {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/buckets/shred";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Shredded;

    fn command(&self) -> &'static str {
        "bucket shred"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Shredded, JobError> {
        let engine = &host.core.engine;
        match engine.shred_bucket(&self.bucket, self.with_locked).await {
            Ok(()) => {}
            Err(Error::Locked) => return Err(JobError::ObjectLock(self.bucket.clone())),
            Err(error) => return Err(error.into()),
        }
        // No collector runs in the process of a command; the next server collects the rest.
        if host.endpoint.is_none()
            && let Err(error) = engine.collect().await
        {
            tracing::warn!(%error, "cannot delete the files of the bucket, which nobody can decrypt; the server will do it");
        }
        Ok(Shredded {})
    }
}
