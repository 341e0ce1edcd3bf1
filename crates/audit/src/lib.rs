//! The audit log: events of key use, and the chained log that records them.
//!
//! Code that uses keys, changes accounts or answers requests sees [`Audit`] and its events only; [`AuditLog`] is the implementation that writes files.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
pub mod actor;

pub mod event;

pub mod request;

pub mod request_id;

pub mod audit;

pub mod log;

pub use actor::Actor;
pub use audit::{Audit, AuditUnavailable, NoAudit};
pub use event::{IdentityChange, KeyEvent, KeyUse};
pub use log::AuditLog;
pub use request::{Categories, Category, RequestEvent, Transfer};
pub use request_id::RequestId;
