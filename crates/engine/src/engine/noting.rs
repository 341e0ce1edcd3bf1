//! Telling the audit of uses of keys: at once, or when the commit that goes with them is made.

use crate::audit::{self, KeyEvent, KeyUse};
use crate::engine::Engine;
use crate::engine::pending::Note;
use crate::model::error::{Error, Result};
use crate::process::buckets_in_use::Bucket;
use std::sync::Arc;
use strongroom_seal::Mode;
use strongroom_store::CommitRefused;

impl Engine {
    /// Tells the audit of a use of a key: of which version, by whose key, with which result.
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

    /// Makes a commit on a task of its own, and tells what it did with keys once it is made: if whoever asked for it has
    /// gone away, it is made all the same. Whether the audit takes notes is for the caller to ask before
    /// ([`crate::audit::Audit::ready`]): what is committed by now is no reason to fail if they are refused.
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
