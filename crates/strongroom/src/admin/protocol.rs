//! Protocol between a command and a server: the command sends one JSON line, the server any number of lines and a final
//! one. Closing the connection before that cancels the job.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::command_event::CommandEvent;
use crate::cli::sealing::Sealing;

#[cfg(test)]
mod tests;

/// Protocol version, increased with every incompatible change.
pub(crate) const VERSION: u32 = 1;
/// Maximum length of a line in bytes. A key of 1024 bytes takes six times that if every byte is escaped.
const MAX_LINE: u64 = 64 * 1024;

/// Reads the next line, without its line end. `None`: the connection is closed.
pub(crate) async fn next_line(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = String::new();
    read.take(MAX_LINE).read_line(&mut line).await?;
    match line.pop() {
        None => Ok(None),
        Some('\n') => Ok(Some(line)),
        Some(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the line is too long or incomplete",
        )),
    }
}

/// The line of a command. Unknown fields from other versions are ignored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) protocol: u32,
    /// A [`Job`], parsed after the version was checked.
    pub(crate) job: serde_json::Value,
}

/// Work to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Job {
    /// Clear the cache of the key management service.
    PurgeCache {},
    /// Rewrap all keys under the current master key.
    RewrapKeys {},
    /// Report which keys are in use.
    ReportKeys {},
    /// Check stored data.
    Verify {
        bucket: Option<String>,
        prefix: String,
        /// Limit in MiB per second.
        rate: Option<u32>,
    },
    /// Rewrap data keys of a bucket under another key.
    Rewrap {
        bucket: String,
        prefix: String,
        from: Sealing,
        to: Sealing,
        /// One key of the service may be shared by many objects.
        bucket_key: bool,
        /// Limit in versions per second.
        rate: Option<u32>,
    },
    /// Delete a master key that is retired and wraps nothing.
    DeleteMaster { id: String },
    /// Check whether the audit log accepts an event.
    Ready {},
    /// Return the server's endpoint. Only for a running server.
    Endpoint {},
    /// Write the audit event of what the command itself did, and load the change.
    Record { event: CommandEvent },
    /// List, delete or restore blobs that were set aside.
    Lost {
        action: LostJob,
        /// Id of a blob. `None`: all.
        blob: Option<String>,
    },
    /// Delete a bucket's key, and the bucket.
    Shred { bucket: String, with_locked: bool },
}

impl Job {
    /// Returns the command's name for the audit log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::PurgeCache {} => "kms purge-cache",
            Self::RewrapKeys {} => "bucket rewrap-keys",
            Self::ReportKeys {} => "report keys",
            Self::Verify { .. } => "verify",
            Self::Rewrap { .. } => "rewrap",
            Self::DeleteMaster { .. } => "keys delete",
            Self::Ready {} => "check the audit log",
            Self::Endpoint {} => "show the endpoint",
            Self::Record { event } => event.command(),
            Self::Lost { action, .. } => action.name(),
            Self::Shred { .. } => "bucket shred",
        }
    }
}

/// Action on blobs that were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LostJob {
    List,
    Delete,
    Restore,
}

impl LostJob {
    fn name(self) -> &'static str {
        match self {
            Self::List => "lost list",
            Self::Delete => "lost delete",
            Self::Restore => "lost restore",
        }
    }
}

/// A line sent by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// Progress, formatted for a person.
    Progress { text: String },
    /// Part of the response.
    Row { row: Row },
    /// Last event: the job is done.
    Done { outcome: Outcome },
    /// Last event: the job is not done, or not completely.
    Failed { message: String },
}

/// Endpoint of a server, with all that clients need to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// URL for clients on the same machine. `None`: unknown.
    pub(crate) here: Option<String>,
    /// URLs for clients on other machines.
    pub(crate) elsewhere: Vec<String>,
    /// CA file that clients must trust, if any.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) region: String,
}

/// Part of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Row {
    Usage(Usage),
    /// Name of a bucket whose own row is damaged, so that nothing in it is counted.
    DamagedBucket(String),
    /// A damaged version.
    Damaged(AboutVersion),
    /// A version that was not rewrapped.
    Failed(AboutVersion),
    /// A blob that was set aside.
    Lost(LostRow),
}

/// A blob that was set aside, before the job's action on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LostRow {
    pub(crate) blob: String,
    pub(crate) bytes: u64,
    /// Time at which it was set aside, in microseconds since 1970.
    pub(crate) since: u64,
}

/// Use of one key in one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) bucket: String,
    pub(crate) mode: String,
    /// Empty for customer keys, which have no recorded name.
    pub(crate) key_id: String,
    /// Empty if unknown.
    pub(crate) key_version: String,
    pub(crate) versions: u64,
    /// Uploads in progress.
    pub(crate) uploads: u64,
    pub(crate) bytes: u64,
}

/// A version of an object with a description of its problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AboutVersion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: String,
    pub(crate) what: String,
}

/// Result of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    Purged,
    KeysRewrapped {
        /// Id of the master key that now wraps all keys.
        master: String,
        keys: u64,
        rewrapped: u64,
    },
    Reported {
        /// Versions and uploads whose rows are damaged.
        damaged: u64,
    },
    Verified {
        opened: u64,
        sealed: u64,
        bytes: u64,
        without_key: u64,
        damaged: u64,
    },
    Rewrapped {
        seen: u64,
        rewrapped: u64,
        uploads: u64,
        failures: u64,
    },
    MasterDeleted,
    Ready,
    Endpoint(Endpoint),
    Recorded {
        /// Reason why the server keeps its current keys, if it does.
        not_loaded: Option<String>,
    },
    Shredded,
    LostDone,
}
