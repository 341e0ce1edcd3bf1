//! Audit events for uses of keys: recorded at once, or after the commit that they belong to.

use crate::audit::{self, Actor, Audit, KeyEvent, KeyUse};
use crate::bucket::Bucket;
use crate::{Engine, Error, Mode, Result};
use std::sync::Arc;
use strongroom_keys::KeyringError;
use strongroom_store::CommitRefused;

/// Audit event for the use of a key, recorded after the commit it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) what: KeyUse,
    /// Names of bucket and object. Empty if the event is not about one.
    pub(crate) bucket: String,
    pub(crate) object: String,
    pub(crate) version: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) key_id: String,
}

impl Note {
    pub(crate) fn tell(&self, audit: &dyn Audit, actor: Option<Actor>) {
        let told = audit.record(&KeyEvent {
            actor,
            what: self.what,
            bucket: &self.bucket,
            object: &self.object,
            version: self.version.clone(),
            mode: Some(self.mode),
            key_id: &self.key_id,
            result: "ok",
        });
        if let Err(error) = told {
            let what = self.what.name();
            tracing::error!(alarm = "audit", %error, what, "a key was used, but not recorded in the audit log");
        }
    }
}

/// Records that no master key opens a key of this mode and bucket. Returns the error to fail with.
pub(crate) fn refused(
    audit: &dyn Audit,
    (mode, bucket): (Mode, &str),
    master: &str,
    error: KeyringError,
) -> Error {
    let told = audit.record(&KeyEvent {
        actor: audit::actor(),
        what: KeyUse::Refuse,
        bucket,
        object: "",
        version: None,
        mode: Some(mode),
        key_id: master,
        result: &error.to_string(),
    });
    told.map_or_else(Error::from, |()| error.into())
}

impl Engine {
    /// Records the use of a key: for which version, under which key, with which result.
    ///
    /// # Errors
    /// [`Error::Audit`].
    pub(crate) fn note(
        &self,
        bucket: &Bucket,
        object: &str,
        what: KeyUse,
        (version, mode, key_id): (Option<&str>, Option<Mode>, &str),
        result: &str,
    ) -> Result<()> {
        self.audit.record(&KeyEvent {
            actor: audit::actor(),
            what,
            bucket: &bucket.name,
            object,
            version: version.map(str::to_owned),
            mode,
            key_id,
            result,
        })?;
        Ok(())
    }

    /// Runs the commit on its own task so that it completes even if the caller is cancelled, then writes its audit
    /// events. Call [`Audit::ready`] first: a failed write after the commit no longer fails the request.
    pub(crate) async fn commit_noting(
        &self,
        commit: impl Future<Output = Result<Result<(), CommitRefused>>> + Send + 'static,
        notes: Vec<Note>,
    ) -> Result<Result<(), CommitRefused>> {
        let (audit, actor) = (Arc::clone(&self.audit), audit::actor());
        let work = tokio::spawn(async move {
            let committed = commit.await?;
            if committed.is_ok() {
                for note in &notes {
                    note.tell(&*audit, actor.clone());
                }
            }
            Ok(committed)
        });
        work.await.map_err(|lost| Error::lost("a commit", lost))?
    }
}
