//! `strongroom bucket rewrap-keys`: rewraps all keys under the current master key.

use http::Method;
use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;
use crate::store::open::Core;
use crate::store::root_credentials::{self, AuditContext};
use crate::terminal::progress;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewrapKeys {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeysRewrapped {
    /// Id of the master key that now wraps all keys.
    pub(crate) master: String,
    pub(crate) keys: u64,
    pub(crate) rewrapped: u64,
}

impl Job for RewrapKeys {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/buckets/rewrap-keys";
    const STREAMS: bool = true;
    type Row = NoRows;
    type Outcome = KeysRewrapped;

    fn command(&self) -> &'static str {
        "bucket rewrap-keys"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<KeysRewrapped, JobError> {
        let core = &host.core;
        let keyring = core.keyring.clone();
        // Load a master key that was just created.
        blocking(move || keyring.reload()).await?;
        let master = core.keyring.current_id()?;
        let rolled = core
            .engine
            .roll_master(|rolled| {
                let bar = || progress::bar(rolled.seen, rolled.keys);
                events.progress(|| format!("{} {} of {} keys", bar(), rolled.seen, rolled.keys));
            })
            .await;
        // Rewrap the credentials even if the key of a bucket could not be rewrapped.
        let credentials = rewrap_credentials(core).await?;
        let rolled = rolled?;
        Ok(KeysRewrapped {
            master,
            keys: rolled.keys + u64::from(credentials.is_some()),
            rewrapped: rolled.rewrapped + u64::from(credentials == Some(true)),
        })
    }
}

async fn rewrap_credentials(core: &Core) -> Result<Option<bool>, JobError> {
    let (core, actor) = (core.clone(), core.engine.actor().cloned());
    let work = move || {
        let audit = &*core.audit;
        let context = AuditContext { audit, actor };
        root_credentials::rewrap(&core.credentials, &core.keyring, &*core.random, &context)
    };
    blocking(work).await
}
