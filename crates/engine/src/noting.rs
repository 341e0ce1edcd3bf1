//! Telling the audit of uses of keys: at once, or when the commit that goes with them is made.

use crate::audit::{self, Actor, Audit, KeyEvent, KeyUse};
use crate::bucket::Bucket;
use crate::{Engine, Error, Mode, Result};
use std::sync::Arc;
use strongroom_keys::KeyringError;
use strongroom_store::CommitRefused;

/// A use of a key that is yet to be told.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) what: KeyUse,
    /// Names of bucket and object, as far as it is about one.
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
            tracing::error!(alarm = "audit", %error, what, "a key was used, and the audit log does not tell");
        }
    }
}

/// Tells the audit that no master key opened a key: of what mode, of which bucket. Returns what to fail with.
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
    /// ([`Audit::ready`]): what is committed by now is no reason to fail if they are refused.
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
