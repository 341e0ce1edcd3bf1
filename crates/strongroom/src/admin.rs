//! Jobs on the store: run by the running server, through its socket, or otherwise in this process.
//!
//! A [`protocol::Job`] is the request of a command; [`jobs`] runs it in either process. A server has its store locked,
//! so the [`client`] first looks for its socket, which [`socket`] serves. If nobody listens, it opens the store itself,
//! unless the job concerns the server only.
//! Commands that work on files beside the store write their audit events with [`command_log`].

mod address;
pub(crate) mod client;
pub(crate) mod command_event;
pub(crate) mod command_log;
mod jobs;
mod operator;
pub(crate) mod protocol;
pub(crate) mod socket;
