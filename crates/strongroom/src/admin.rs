//! Jobs on the store itself: on a running server, through its socket, or else on the store in this process.
//!
//! A [`protocol::Job`] is what a command asks for; [`jobs`] carries it out, wherever that is. A server has its store
//! locked, so the [`client`] first looks for its socket, which [`socket`] serves; if nobody listens it opens the store,
//! unless the job is about the server itself.
//! Commands that work on files beside the store leave lines in the audit log by [`command_log`].

mod address;
pub(crate) mod client;
pub(crate) mod command_log;
mod jobs;
pub(crate) mod noted;
mod operator;
pub(crate) mod protocol;
pub(crate) mod socket;
