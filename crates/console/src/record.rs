//! The lines of a request in the audit log: one for each operation of S3 that it carries out or is denied.
//!
//! They are written when the last holder lets go of the record: after the response was made, or when the request was cut
//! off.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use strongroom_audit::{Actor, Audit, AuditUnavailable, Category, RequestEvent};
use strongroom_engine::VersionName;

#[cfg(test)]
mod tests;

/// Result of an operation whose request was cut off.
const CUT_OFF: &str = "cut off";
const OK: &str = "ok";

/// Record of one request.
pub(crate) struct Record {
    audit: Arc<dyn Audit>,
    operations: Mutex<Vec<Recorded>>,
    /// Status of the response, and the code of its failure or [`OK`].
    outcome: OnceLock<(u16, &'static str)>,
}

/// An operation of a request.
pub(crate) struct Recorded {
    pub(crate) actor: Actor,
    pub(crate) category: Category,
    /// Id of the person's account.
    pub(crate) account: String,
    /// ARN of the person.
    pub(crate) principal: String,
    pub(crate) bucket: String,
    /// Empty: the operation is about the bucket, or about none.
    pub(crate) key: String,
    pub(crate) version: Option<VersionName>,
    /// Code of the failure of this operation. `None`: the outcome of the request is its result.
    pub(crate) failure: Option<&'static str>,
}

impl Record {
    pub(crate) fn new(audit: &Arc<dyn Audit>) -> Arc<Self> {
        Arc::new(Self {
            audit: Arc::clone(audit),
            operations: Mutex::default(),
            outcome: OnceLock::new(),
        })
    }

    /// Adds an operation if its category is recorded.
    ///
    /// # Errors
    /// No line can be accepted: the operation must not be carried out.
    pub(crate) fn add(&self, operation: Recorded) -> Result<(), AuditUnavailable> {
        if self.audit.records(operation.category) {
            self.audit.ready()?;
            self.operations().push(operation);
        }
        Ok(())
    }

    /// Notes that the operation on one of several objects failed.
    pub(crate) fn fail(&self, key: &str, version: Option<VersionName>, code: &'static str) {
        let mut operations = self.operations();
        let of_object = |recorded: &&mut Recorded| recorded.key == key && recorded.version == version;
        if let Some(recorded) = operations.iter_mut().rev().find(of_object) {
            recorded.failure = Some(code);
        }
    }

    /// Sets the outcome of the request. `failure`: the code of its failure.
    pub(crate) fn complete(&self, status: u16, failure: Option<&'static str>) {
        // A request has one response.
        let _ = self.outcome.set((status, failure.unwrap_or(OK)));
    }

    fn operations(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let operations = std::mem::take(&mut *self.operations());
        let (status, result) = self.outcome.get().copied().unzip();
        for operation in operations {
            let version = operation.version.map(|version| version.to_string());
            self.audit.record_done(&RequestEvent {
                actor: Some(&operation.actor),
                operation: "",
                category: operation.category,
                account: &operation.account,
                principal: &operation.principal,
                bucket: &operation.bucket,
                object: &operation.key,
                version: version.as_deref(),
                mode: None,
                key_id: None,
                status,
                result: operation.failure.or(result).unwrap_or(CUT_OFF),
                transfer: None,
            });
        }
    }
}
