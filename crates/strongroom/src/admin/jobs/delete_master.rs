//! `strongroom keys delete`: deletes a master key that is retired and wraps nothing.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_audit::{Actor, KeyEvent, KeyUse};
use strongroom_engine::Mode;

use super::blocking::blocking;
use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;
use crate::store::open::Core;
use crate::store::root_credentials;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteMaster {
    pub(crate) id: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MasterDeleted {}

impl Job for DeleteMaster {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/keys/delete";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = MasterDeleted;

    fn command(&self) -> &'static str {
        "keys delete"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<MasterDeleted, JobError> {
        let core = &host.core;
        core.audit.ready()?;
        let keyring = core.keyring.clone();
        // From here on the key wraps nothing new: a retired key never becomes current again.
        blocking(move || keyring.reload()).await?;
        core.keyring.must_be_retired(&self.id)?;
        let in_store = core.engine.wrapped_by_master(&self.id).await?;
        if in_store > 0 && core.engine.stray_keys_of_master(&self.id).await? == in_store {
            return Err(JobError::MasterOfStrays {
                id: self.id.clone(),
                keys: in_store,
            });
        }
        let (core, id, actor) = (core.clone(), self.id.clone(), core.engine.actor().cloned());
        // Runs as one piece: a cancelled command still writes the audit event of its deletion.
        blocking(move || delete_unless_needed(&core, &id, in_store, actor)).await?;
        Ok(MasterDeleted {})
    }
}

/// Deletes a master key, unless it still wraps `in_store` or other keys, and writes the audit event.
fn delete_unless_needed(core: &Core, id: &str, in_store: u64, actor: Option<Actor>) -> Result<(), JobError> {
    // Hold the lock so that nobody creates credentials wrapped by this key from here on.
    let _lock = root_credentials::lock(&core.credentials)?;
    let of_credentials = root_credentials::master(&core.credentials)?.as_deref() == Some(id);
    let keys = in_store + u64::from(of_credentials);
    if keys > 0 {
        return Err(JobError::MasterInUse {
            id: id.to_owned(),
            keys,
        });
    }
    core.audit.ready()?;
    core.keyring.delete_master(id, &*core.random)?;
    let recorded = core.audit.record(&KeyEvent {
        actor,
        what: KeyUse::Delete,
        bucket: "",
        object: "",
        version: None,
        mode: Some(Mode::Keyring),
        key_id: id,
        result: "ok",
    });
    recorded.map_err(|source| JobError::DeletedUnrecorded {
        id: id.to_owned(),
        source,
    })
}
