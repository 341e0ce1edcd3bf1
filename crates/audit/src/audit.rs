//! Trait through which uses of keys are recorded.

use crate::event::{IdentityChange, KeyEvent};
use crate::request::{Category, RequestEvent};

/// Receiver of audit events.
pub trait Audit: Send + Sync + 'static {
    /// Checks that an event can be recorded. Call it before using a key.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the key must not be used.
    fn ready(&self) -> Result<(), AuditUnavailable>;

    /// Records one event. Must not block for long, because it is called before the response is sent.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the event cannot be recorded, so the use must have no effect.
    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable>;

    /// Records a change of accounts or of what belongs to them. Must not block for long. Call [`Self::ready`] before the
    /// change.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the change cannot be recorded.
    fn record_change(&self, change: &IdentityChange<'_>) -> Result<(), AuditUnavailable>;

    /// Returns whether requests of a category are recorded. By default, none are.
    fn records(&self, _category: Category) -> bool {
        false
    }

    /// Records a request, or a removal by the server, of a category that is recorded. Must not block for long. Call
    /// [`Self::ready`] before the request is carried out.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the request cannot be recorded.
    fn record_request(&self, _request: &RequestEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    /// Records a request that was carried out already, so that a failure can only be an alarm.
    fn record_done(&self, request: &RequestEvent<'_>) {
        if let Err(error) = self.record_request(request) {
            tracing::error!(
                alarm = "audit",
                %error,
                request = request.actor.map_or("", |actor| &actor.request),
                operation = request.actor.map_or(request.operation, |actor| &actor.operation),
                "a request was carried out, but not recorded in the audit log"
            );
        }
    }
}

/// Error when an event cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot write the audit log")]
pub struct AuditUnavailable;

/// Audit that records nothing, for tests and for disabled audit logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAudit;

impl Audit for NoAudit {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record(&self, _: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}
