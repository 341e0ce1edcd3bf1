//! `strongroom kms purge-cache`: clears the cache of the key management service.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PurgeCache {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Purged {}

impl Job for PurgeCache {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/kms/purge-cache";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Purged;

    fn command(&self) -> &'static str {
        "kms purge-cache"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Purged, JobError> {
        host.core.kms.purge();
        Ok(Purged {})
    }
}
