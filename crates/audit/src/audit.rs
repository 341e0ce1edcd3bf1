//! The trait through which uses of keys are recorded.

use crate::event::KeyEvent;

/// Hears of every use of a key.
pub trait Audit: Send + Sync + 'static {
    /// Whether a use that is about to be made can be noted.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: it must not be made.
    fn ready(&self) -> Result<(), AuditUnavailable>;

    /// Takes note of one use. Must not block for long: this is called on the way to the answer.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: it cannot be noted, so nothing must come of it.
    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable>;
}

/// A use of a key cannot be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log cannot be written")]
pub struct AuditUnavailable;

/// Takes no notes: for tests, and for who does not want any.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAudit;

impl Audit for NoAudit {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record(&self, _: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}
