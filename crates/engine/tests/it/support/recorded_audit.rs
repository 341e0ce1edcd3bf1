//! An audit log in memory.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_audit::{Audit, AuditUnavailable, IdentityChange, KeyEvent};

#[derive(Default)]
pub(crate) struct RecordedAudit {
    lines: Mutex<Vec<String>>,
    full: AtomicBool,
}

impl RecordedAudit {
    /// Returns the events since the last call: use, mode, object, key id, result.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    /// Makes the log refuse events, or accept them again.
    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }
}

impl Audit for RecordedAudit {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        if self.full.load(Ordering::SeqCst) {
            Err(AuditUnavailable)
        } else {
            Ok(())
        }
    }

    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        self.ready()?;
        let who = event.actor.as_ref().map_or("-", |actor| &actor.who);
        let mode = event.mode.map_or("-".to_owned(), |mode| format!("{mode:?}"));
        let key = if event.key_id.is_empty() {
            "-"
        } else {
            event.key_id
        };
        let line = [who, event.what.name(), &mode, event.object, key, event.result].join(" ");
        self.lines.lock().unwrap().push(line);
        Ok(())
    }

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}
