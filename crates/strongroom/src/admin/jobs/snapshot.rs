//! `strongroom snapshot`: writes a copy of the store.

use std::path::PathBuf;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteSnapshot {
    /// New directory, an absolute path.
    pub(crate) directory: PathBuf,
    /// Earlier snapshot, an absolute path. `None`: none.
    #[serde(default)]
    pub(crate) previous: Option<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SnapshotWritten {
    /// Last commit in the snapshot.
    pub(crate) commit: Option<u64>,
    pub(crate) blobs: u64,
    pub(crate) bytes: u64,
}

impl Job for WriteSnapshot {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/store/snapshot";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = SnapshotWritten;

    fn command(&self) -> &'static str {
        "snapshot"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<SnapshotWritten, JobError> {
        // The server has a working directory of its own.
        for path in [Some(&self.directory), self.previous.as_ref()]
            .into_iter()
            .flatten()
        {
            if path.is_relative() {
                return Err(JobError::RelativePath(path.clone()));
            }
        }
        let engine = &host.core.engine;
        let written = engine
            .snapshot(self.directory.clone(), self.previous.clone())
            .await?;
        Ok(SnapshotWritten {
            commit: written.head.map(|head| head.number),
            blobs: written.blobs,
            bytes: written.bytes,
        })
    }
}
