//! `strongroom status`: shows the identity of the store and its last commit.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowStore {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoreShown {
    /// True if a server has the store open.
    pub(crate) is_served: bool,
    pub(crate) id: String,
    /// Number of the last commit.
    pub(crate) commit: Option<u64>,
    /// Chain value of its group, in hex: with the number, it names all commits up to this one.
    pub(crate) chain: Option<String>,
    /// Kept history. `None`: there is none.
    pub(crate) history: Option<HistoryShown>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HistoryShown {
    /// Commit from which on every state can be restored.
    pub(crate) commit: u64,
    /// Time of it, in seconds since 1970.
    pub(crate) since: u64,
    pub(crate) bytes: u64,
}

impl Job for ShowStore {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/store";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = StoreShown;

    fn command(&self) -> &'static str {
        "status"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<StoreShown, JobError> {
        let state = host.core.engine.store_state();
        Ok(StoreShown {
            is_served: host.endpoint.is_some(),
            id: state.id.to_string(),
            commit: state.head.map(|head| head.number),
            chain: state.head.map(|head| hex::encode(head.chain)),
            history: state.history.map(|reach| HistoryShown {
                commit: reach.commit,
                since: reach.since,
                bytes: reach.bytes,
            }),
        })
    }
}
