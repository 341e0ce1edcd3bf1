//! Shows the server's endpoint.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::admin::endpoint::Endpoint;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowEndpoint {}

impl Job for ShowEndpoint {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/endpoint";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Endpoint;

    fn command(&self) -> &'static str {
        "show the endpoint"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Endpoint, JobError> {
        host.endpoint.clone().ok_or(JobError::NoServer)
    }
}
