//! The jobs, one file each: request, rows, outcome and work.

pub(crate) mod accounts;
pub(crate) mod audit_ready;
pub(crate) mod delete_master;
pub(crate) mod explain;
pub(crate) mod lost;
pub(crate) mod purge_cache;
pub(crate) mod quotas;
pub(crate) mod record;
pub(crate) mod report_keys;
pub(crate) mod rewrap;
pub(crate) mod rewrap_keys;
pub(crate) mod show_endpoint;
pub(crate) mod show_store;
pub(crate) mod shred;
pub(crate) mod snapshot;
pub(crate) mod unconfirmed;
pub(crate) mod usage;
pub(crate) mod verify;

mod blocking;
