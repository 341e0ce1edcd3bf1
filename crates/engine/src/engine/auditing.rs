//! Audit events for uses of keys: recorded at once, or after the commit that they belong to.

use crate::engine::Engine;
use crate::engine::pending::{PendingKeyEvent, audit_refusal};
use crate::model::error::{Error, Result};
use crate::process::buckets_in_use::Bucket;
use std::sync::Arc;
use strongroom_audit::{Audit, Category, KeyEvent, KeyUse, RequestEvent};
use strongroom_keys::KeyringError;
use strongroom_rows::CommitOutcome;
use strongroom_seal::Mode;

/// Key that an audit event is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct KeyRef<'a> {
    /// Name of the version that the key belongs to. `None`: it belongs to none yet.
    pub(crate) version: Option<&'a str>,
    /// Mode: the holder of the outer key. `None`: not decided.
    pub(crate) mode: Option<Mode>,
    /// Id of the outer key. Empty for customers' keys, which are never named.
    pub(crate) id: &'a str,
}

impl Engine {
    /// Returns the audit log.
    pub fn audit(&self) -> &Arc<dyn Audit> {
        &self.audit
    }

    /// Records that the server removed something by itself. The removal is done, so a failure is only an alarm.
    pub(crate) fn audit_removal(
        &self,
        bucket: &Bucket,
        operation: &str,
        object: &str,
        version: Option<&str>,
    ) {
        if !self.audit.records(Category::Writes) {
            return;
        }
        self.audit.record_done(&RequestEvent {
            actor: None,
            operation,
            category: Category::Writes,
            account: "",
            principal: "",
            bucket: &bucket.name,
            object,
            version,
            mode: None,
            key_id: None,
            status: None,
            result: "ok",
            transfer: None,
        });
    }

    /// Records the use of a key, with its result.
    ///
    /// # Errors
    /// [`Error::Audit`].
    pub(crate) fn audit_use(
        &self,
        bucket: &Bucket,
        object: &str,
        what: KeyUse,
        key: KeyRef<'_>,
        result: &str,
    ) -> Result<()> {
        self.audit.record(&KeyEvent {
            actor: self.actor().cloned(),
            what,
            bucket: &bucket.name,
            object,
            version: key.version.map(str::to_owned),
            mode: key.mode,
            key_id: key.id,
            result,
        })?;
        Ok(())
    }

    /// Records that no master key opens a key of this mode and bucket. Returns the error to fail with.
    pub(crate) fn audit_refusal(&self, mode: Mode, bucket: &str, master: &str, error: KeyringError) -> Error {
        audit_refusal(&*self.audit, self.actor().cloned(), mode, bucket, master, error)
    }

    /// Runs the commit on its own task so that it completes even if the caller is cancelled, then writes its audit
    /// events. Call [`strongroom_audit::Audit::ready`] first: a failed write after the commit no longer fails the request.
    pub(crate) async fn commit_and_audit(
        &self,
        commit: impl Future<Output = Result<CommitOutcome>> + Send + 'static,
        events: Vec<PendingKeyEvent>,
    ) -> Result<CommitOutcome> {
        self.commit_audit_then(commit, events, |_| std::future::ready(Ok(())))
            .await
    }

    /// Works like [`Self::commit_and_audit`], and then does what `then` returns for the outcome, also if the caller is
    /// cancelled.
    pub(crate) async fn commit_audit_then<F>(
        &self,
        commit: impl Future<Output = Result<CommitOutcome>> + Send + 'static,
        events: Vec<PendingKeyEvent>,
        then: impl FnOnce(CommitOutcome) -> F + Send + 'static,
    ) -> Result<CommitOutcome>
    where
        F: Future<Output = Result<()>> + Send,
    {
        let (audit, actor) = (Arc::clone(&self.audit), self.actor().cloned());
        let work = tokio::spawn(async move {
            let committed = commit.await?;
            if committed.is_done() {
                for event in &events {
                    event.record(&*audit, actor.clone());
                }
            }
            then(committed).await?;
            Ok(committed)
        });
        work.await.map_err(|lost| Error::lost("a commit", lost))?
    }
}
