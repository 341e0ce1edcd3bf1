//! Commands that work on the store itself: on a running server, through its socket, or else on the store in this process.
//!
//! A [`protocol::Job`] is what a command asks for; [`jobs`] carries it out, wherever that is. A server has its store
//! locked, so the [`client`] first looks for its socket, which [`socket`] serves; if nobody listens it opens the store,
//! unless the job is about the server itself.
//! Commands that work on files beside the store leave lines in the audit log by [`noted`].
//! [`command`] makes jobs of command lines, and answers of what came of them.

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
