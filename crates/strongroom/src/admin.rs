//! Commands on the store: run by the running server, through its socket, or otherwise in this process.
//!
//! A [`protocol::Job`] is the request of a command; [`jobs`] runs it in either process. A server has its store locked,
//! so the [`client`] first looks for its socket, which [`socket`] serves. If nobody listens, it opens the store itself,
//! unless the job concerns the server only.
//! Commands that work on files beside the store write their audit events with [`noted`].
//! [`command`] turns command lines into jobs, and results into output.

mod address;
mod client;
pub(crate) mod command;
mod confirm;
mod jobs;
mod noted;
mod protocol;
mod report;
mod sealing;
mod socket;

pub(crate) use client::ClientError;
pub(crate) use noted::{CommandLog, NotNoted, Noted};
pub(crate) use sealing::Sealing;
pub(crate) use socket::AdminSocket;
