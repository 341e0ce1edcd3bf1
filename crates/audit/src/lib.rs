//! The audit log: events of key use, and the chained log that records them.
//!
//! Code that uses keys sees [`Audit`] and [`KeyEvent`] only; [`AuditLog`] is the implementation that writes files.

pub mod actor;
pub mod audit;
pub mod event;
pub mod log;

pub use actor::{Actor, acting, actor};
pub use audit::{Audit, AuditUnavailable, NoAudit};
pub use event::{KeyEvent, KeyUse};
pub use log::AuditLog;
