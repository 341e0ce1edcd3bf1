//! `strongroom lost`: lists, deletes or restores blobs that were set aside.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_engine::operator::lost::LostAction;
use strongroom_store::{BlobId, LostBlob};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListLost {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteLost {
    /// Id of the blob.
    pub(crate) blob: Option<String>,
    /// All blobs: a request that names nothing does nothing.
    #[serde(default)]
    pub(crate) all: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreLost {
    /// Id of the blob.
    pub(crate) blob: Option<String>,
    /// All blobs: a request that names nothing does nothing.
    #[serde(default)]
    pub(crate) all: bool,
}

/// A blob that was set aside, before the job's action on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LostRow {
    pub(crate) blob: String,
    pub(crate) bytes: u64,
    /// Time at which it was set aside, in microseconds since 1970.
    pub(crate) since: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LostDone {}

impl Job for ListLost {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/lost";
    const STREAMS: bool = true;
    type Row = LostRow;
    type Outcome = LostDone;

    fn command(&self) -> &'static str {
        "lost list"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<LostDone, JobError> {
        run(host, LostAction::List, None, true, events).await
    }
}

impl Job for DeleteLost {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/lost/delete";
    const STREAMS: bool = true;
    type Row = LostRow;
    type Outcome = LostDone;

    fn command(&self) -> &'static str {
        "lost delete"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<LostDone, JobError> {
        run(host, LostAction::Delete, self.blob.as_deref(), self.all, events).await
    }
}

impl Job for RestoreLost {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/lost/restore";
    const STREAMS: bool = true;
    type Row = LostRow;
    type Outcome = LostDone;

    fn command(&self) -> &'static str {
        "lost restore"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<LostDone, JobError> {
        run(host, LostAction::Restore, self.blob.as_deref(), self.all, events).await
    }
}

async fn run<J: Job<Row = LostRow>>(
    host: &Host,
    action: LostAction,
    blob: Option<&str>,
    all: bool,
    events: &mut Events<J>,
) -> Result<LostDone, JobError> {
    if blob.is_some() == all {
        return Err(JobError::BlobOrAll);
    }
    let only = blob.map(str::parse::<BlobId>).transpose()?;
    let done = |blob: &LostBlob| {
        events.row(LostRow {
            blob: blob.id.to_string(),
            bytes: blob.bytes,
            since: blob.since,
        });
    };
    host.core.engine.lost_blobs(action, only, done).await?;
    Ok(LostDone {})
}
