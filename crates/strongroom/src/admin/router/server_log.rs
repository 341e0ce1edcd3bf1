//! Commands in the server's log.

use serde::Serialize;

use crate::admin::job::{Event, Job};

/// Log entries of a command in the server's log: each start has an end.
pub(super) struct CommandInLog {
    command: &'static str,
    uid: u32,
    outcome_is_secret: bool,
    has_ended: bool,
}

impl CommandInLog {
    pub(super) fn begin<J: Job>(command: &'static str, uid: u32) -> Self {
        tracing::info!(command, uid, "command started");
        Self {
            command,
            uid,
            outcome_is_secret: J::OUTCOME_IS_SECRET,
            has_ended: false,
        }
    }

    /// Logs the event if it is the last one.
    pub(super) fn note<R>(&mut self, event: &Event<R, impl Serialize>) {
        let (command, uid) = (self.command, self.uid);
        match event {
            Event::Progress { .. } | Event::Row(_) => return,
            Event::Result(_) if self.outcome_is_secret => tracing::info!(command, uid, "command done"),
            Event::Result(outcome) => {
                let outcome = serde_json::to_string(outcome).unwrap_or_default();
                tracing::info!(command, uid, outcome, "command done");
            }
            Event::Error(failure) => {
                let error = &*failure.message;
                tracing::warn!(command, uid, error, "command failed");
            }
        }
        self.has_ended = true;
    }
}

impl Drop for CommandInLog {
    /// Logs the cancellation: the command disconnected, or the server stops.
    fn drop(&mut self) {
        if !self.has_ended {
            let (command, uid) = (self.command, self.uid);
            tracing::info!(command, uid, "command cancelled");
        }
    }
}
