//! The last commit of the store, as the audit log notes it: a store that ends before it was rolled back, together with its
//! log and its mark.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use strongroom_audit::AuditLog;
use strongroom_audit::log::heads::{self, StoreHead};
use strongroom_engine::{Engine, WeakEngine};
use strongroom_store::{CommitHead, Prepared};

use super::same_store_flags;
use crate::settings::Settings;

/// Interval at which the last commit is noted, if it changed.
const INTERVAL: Duration = Duration::from_mins(10);

/// A store that does not contain the commit that the audit log notes.
#[derive(Debug, thiserror::Error)]
#[error(
    "the store in {} was rolled back, or its newest files are missing: the audit log in {} notes commit {noted}, {reason}. \
     Put the newest files back, or restore a snapshot: strongroom restore. Only to go on without what is lost: strongroom \
     serve --accept-lost-rows {flags}",
    directory.display(),
    audit.display()
)]
pub(crate) struct RolledBack {
    directory: PathBuf,
    audit: PathBuf,
    noted: u64,
    reason: String,
    /// Flags that direct a command to this store.
    flags: String,
}

impl RolledBack {
    pub(crate) fn new(settings: &Settings, store: &Path, noted: u64, reason: String) -> Self {
        Self {
            directory: store.to_owned(),
            audit: settings.audit.directory.clone(),
            noted,
            reason,
            flags: same_store_flags::flags(settings),
        }
    }
}

/// Requires that the store contains the newest commit of its timeline that the audit log notes. A log that notes none, or
/// cannot be read, requires nothing.
pub(crate) fn required(settings: &Settings, store: Prepared) -> Prepared {
    let audit = &settings.audit;
    let Some(timeline) = store.timeline.filter(|_| audit.enabled && !store.is_new) else {
        return store;
    };
    match heads::newest(&audit.directory, store.id.0, timeline.0) {
        Ok(Some(noted)) => store.requiring(CommitHead {
            timeline,
            number: noted.commit,
            chain: noted.chain,
        }),
        Ok(None) => {
            tracing::info!(
                "the audit log notes no commit of this store yet, so it cannot show that the store was rolled back"
            );
            store
        }
        Err(error) => {
            tracing::warn!(
                %error,
                directory = %audit.directory.display(),
                "cannot read the audit log, so it cannot show that the store was rolled back"
            );
            store
        }
    }
}

/// Notes the last commit in the audit log.
pub(crate) fn note(audit: &AuditLog, engine: &Engine) {
    if let Some(head) = head(engine) {
        note_head(audit, &head);
    }
}

/// Notes the last commit again whenever it changed, until the engine is dropped.
pub(crate) async fn keep_noting(audit: Arc<AuditLog>, engine: WeakEngine) {
    let mut noted = None;
    while let Some(engine) = engine.upgrade() {
        if let Some(head) = head(&engine).filter(|head| noted != Some(*head)) {
            note_head(&audit, &head);
            noted = Some(head);
        }
        drop(engine);
        tokio::time::sleep(INTERVAL).await;
    }
}

fn note_head(audit: &AuditLog, head: &StoreHead) {
    if let Err(error) = audit.note(head) {
        tracing::warn!(%error, "cannot note the last commit of the store in the audit log");
    }
}

fn head(engine: &Engine) -> Option<StoreHead> {
    let state = engine.store_state();
    state.head.map(|head| StoreHead {
        store: state.id.0,
        timeline: head.timeline.0,
        commit: head.number,
        chain: head.chain,
    })
}
