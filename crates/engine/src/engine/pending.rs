//! Audit events written after a commit, and refused keys.

use crate::model::error::Error;
use crate::model::version_name::VersionName;
use strongroom_audit::{Actor, Audit, KeyEvent, KeyUse};
use strongroom_keys::KeyringError;
use strongroom_seal::Mode;

/// Audit event for the use of a key, recorded after the commit it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct PendingKeyEvent {
    pub(crate) what: KeyUse,
    /// Names of bucket and object. Empty if the event is not about one.
    pub(crate) bucket: String,
    pub(crate) object: String,
    pub(crate) version: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) key_id: String,
}

impl PendingKeyEvent {
    /// Returns an event about a key of a bucket, or of the store if `bucket` is empty.
    pub(crate) fn new(what: KeyUse, bucket: &str, mode: Mode, key_id: &str) -> Self {
        Self {
            what,
            bucket: bucket.to_owned(),
            object: String::new(),
            version: None,
            mode,
            key_id: key_id.to_owned(),
        }
    }

    /// Adds the object that the event is about. `version`: `None` if it has none yet.
    pub(crate) fn of_object(self, object: &str, version: Option<VersionName>) -> Self {
        Self {
            object: object.to_owned(),
            version: version.map(|version| version.to_string()),
            ..self
        }
    }

    /// Records the event. A failure raises an alarm only: the key was used already.
    pub(crate) fn record(&self, audit: &dyn Audit, actor: Option<Actor>) {
        let recorded = audit.record(&KeyEvent {
            actor,
            what: self.what,
            bucket: &self.bucket,
            object: &self.object,
            version: self.version.clone(),
            mode: Some(self.mode),
            key_id: &self.key_id,
            result: "ok",
        });
        if let Err(error) = recorded {
            let what = self.what.name();
            tracing::error!(alarm = "audit", %error, what, "a key was used, but not recorded in the audit log");
        }
    }
}

/// Records that no master key opens a key of this mode and bucket. Returns the error to fail with.
pub(crate) fn audit_refusal(
    audit: &dyn Audit,
    actor: Option<Actor>,
    mode: Mode,
    bucket: &str,
    master: &str,
    error: KeyringError,
) -> Error {
    let recorded = audit.record(&KeyEvent {
        actor,
        what: KeyUse::Refuse,
        bucket,
        object: "",
        version: None,
        mode: Some(mode),
        key_id: master,
        result: &error.to_string(),
    });
    recorded.map_or_else(Error::from, |()| error.into())
}
