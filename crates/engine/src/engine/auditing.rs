//! Audit events for uses of keys: recorded at once, or after the commit that they belong to.

use crate::engine::Engine;
use crate::engine::pending::{PendingKeyEvent, audit_refusal};
use crate::model::error::{Error, Result};
use crate::process::buckets_in_use::Bucket;
use crate::rows::batch::CommitOutcome;
use std::sync::Arc;
use strongroom_audit::{KeyEvent, KeyUse};
use strongroom_keys::KeyringError;
use strongroom_seal::Mode;

impl Engine {
    /// Records the use of a key: for which version, under which key, with which result.
    ///
    /// # Errors
    /// [`Error::Audit`].
    pub(crate) fn audit_use(
        &self,
        bucket: &Bucket,
        object: &str,
        what: KeyUse,
        (version, mode, key_id): (Option<&str>, Option<Mode>, &str),
        result: &str,
    ) -> Result<()> {
        self.audit.record(&KeyEvent {
            actor: self.actor().cloned(),
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

    /// Records that no master key opens a key of this mode and bucket. Returns the error to fail with.
    pub(crate) fn audit_refusal(&self, mode: Mode, bucket: &str, master: &str, error: KeyringError) -> Error {
        audit_refusal(&*self.audit, self.actor().cloned(), mode, bucket, master, error)
    }

    /// Runs the commit on its own task so that it completes even if the caller is cancelled, then writes its audit
    /// events. Call [`Audit::ready`] first: a failed write after the commit no longer fails the request.
    pub(crate) async fn commit_and_audit(
        &self,
        commit: impl Future<Output = Result<CommitOutcome>> + Send + 'static,
        events: Vec<PendingKeyEvent>,
    ) -> Result<CommitOutcome> {
        let (audit, actor) = (Arc::clone(&self.audit), self.actor().cloned());
        let work = tokio::spawn(async move {
            let committed = commit.await?;
            if committed.is_done() {
                for event in &events {
                    event.record(&*audit, actor.clone());
                }
            }
            Ok(committed)
        });
        work.await.map_err(|lost| Error::lost("a commit", lost))?
    }
}
