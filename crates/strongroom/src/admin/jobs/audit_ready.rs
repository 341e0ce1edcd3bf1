//! Checks whether the audit log accepts an event, for commands that are about to use keys.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditReady {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ready {}

impl Job for AuditReady {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/audit/ready";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Ready;

    fn command(&self) -> &'static str {
        "check the audit log"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Ready, JobError> {
        host.core.audit.ready()?;
        Ok(Ready {})
    }
}
