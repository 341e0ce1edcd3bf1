//! Jobs on the store: run by the running server, through its socket, or otherwise in this process.
//!
//! A [`job::Job`] is the request of a command; the files of [`jobs`] do the work in either process. A server has its
//! store locked, so the [`client`] first looks for its socket, which [`socket`] serves: HTTP and JSON, with the routes
//! of the [`router`]. If nobody listens, the client opens the store itself, unless the job concerns the server only.
//! Commands that work on files beside the store write their audit events with [`command_log`].

pub(crate) mod about_version;
mod address;
pub(crate) mod client;
pub(crate) mod command_event;
pub(crate) mod command_log;
pub(crate) mod endpoint;
mod failure;
#[cfg(test)]
mod fixture;
mod host;
pub(crate) mod job;
mod job_error;
pub(crate) mod jobs;
mod lines;
mod operator;
mod router;
pub(crate) mod socket;
mod wire;
