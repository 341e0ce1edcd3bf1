//! The audit log: events of key use, and the chained log that records them.
//!
//! Code that uses keys sees [`Audit`] and [`KeyEvent`] only; [`AuditLog`] is the implementation that writes files.
//!
//! Each module imports only modules that stand before it in this list.

// A module imports only modules that are declared before it; the blank lines keep the order.
pub mod actor;

pub mod event;

pub mod audit;

pub mod log;

pub use actor::Actor;
pub use audit::{Audit, AuditUnavailable, NoAudit};
pub use event::{KeyEvent, KeyUse};
pub use log::AuditLog;
