//! Writes the audit event of what a command did to files, and loads the change.

use http::Method;
use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use crate::admin::command_event::CommandEvent;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;
use crate::store::keyring;
use crate::terminal::error_chain::chain;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) event: CommandEvent,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recorded {
    /// Reason why the server keeps its current keys, if it does.
    pub(crate) not_loaded: Option<String>,
}

impl Job for Record {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/audit/events";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Recorded;

    fn command(&self) -> &'static str {
        self.event.command()
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Recorded, JobError> {
        let core = &host.core;
        core.audit
            .record(&self.event.event(core.engine.actor().cloned()))?;
        let keyring = core.keyring.clone();
        let loaded = blocking(move || keyring::reload(&keyring)).await;
        // A cached "key missing" or "key enabled" may no longer be true.
        core.kms.purge();
        Ok(Recorded {
            not_loaded: loaded.err().map(|error| chain(&error)),
        })
    }
}
