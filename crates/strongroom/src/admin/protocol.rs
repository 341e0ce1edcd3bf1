//! What a command and a server say to each other: the command one JSON line, the server as many as there is to tell, and
//! one that ends it. A connection that is closed before that breaks the job off.

use std::io;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::noted::Noted;
use crate::cli::sealing::Sealing;

#[cfg(test)]
mod tests;

/// Counts up when what is said changes.
pub(crate) const VERSION: u32 = 1;
/// Bytes of the longest line. A key of 1024 bytes takes six times that if each has to be escaped.
const LONGEST: u64 = 64 * 1024;

/// The next line, without its end; `None` if nothing more is said.
pub(crate) async fn next_line(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = String::new();
    read.take(LONGEST).read_line(&mut line).await?;
    match line.pop() {
        None => Ok(None),
        Some('\n') => Ok(Some(line)),
        Some(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a line of it has no end",
        )),
    }
}

/// The line of a command. What else a command of another version says is not looked at.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) protocol: u32,
    /// [`Job`], once the version is known to be ours.
    pub(crate) job: serde_json::Value,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Job {
    /// Forget all keys of the key management service.
    PurgeCache {},
    /// Wrap what a master key wraps anew, under the current one.
    RewrapKeys {},
    /// Tell which keys are in use.
    ReportKeys {},
    /// Check what is stored.
    Verify {
        bucket: Option<String>,
        prefix: String,
        /// MiB in a second at most.
        rate: Option<u32>,
    },
    /// Wrap data keys of a bucket anew, under another key.
    Rewrap {
        bucket: String,
        prefix: String,
        from: Sealing,
        to: Sealing,
        /// One key of the service's may be used for many objects.
        bucket_key: bool,
        /// Versions in a second at most.
        rate: Option<u32>,
    },
    /// Delete a master key that is retired and wraps nothing.
    DeleteMaster { id: String },
    /// See whether the audit log takes a line.
    Ready {},
    /// Leave a line in the audit log of what the command did by itself, and take up what it changed.
    Note { noted: Noted },
    /// Drop a bucket's key, and the bucket.
    Shred { bucket: String, with_locked: bool },
}

impl Job {
    /// The command, as the audit log names it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::PurgeCache {} => "kms purge-cache",
            Self::RewrapKeys {} => "bucket rewrap-keys",
            Self::ReportKeys {} => "report keys",
            Self::Verify { .. } => "verify",
            Self::Rewrap { .. } => "rewrap",
            Self::DeleteMaster { .. } => "keys delete",
            Self::Ready {} => "look at the audit log",
            Self::Note { noted } => noted.command(),
            Self::Shred { .. } => "bucket shred",
        }
    }
}

/// A line of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// How far it has come, for a person.
    Progress { text: String },
    /// Part of the answer.
    Row { row: Row },
    /// The end: it was done.
    Done { outcome: Outcome },
    /// The end: it was not done, or not all of it.
    Failed { message: String },
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Row {
    Usage(Usage),
    /// Name of a bucket whose own row cannot be read, so that nothing in it is counted.
    DamagedBucket(String),
    /// A version that is damaged.
    Damaged(AboutVersion),
    /// A version that was not wrapped anew.
    Failed(AboutVersion),
}

/// What one key is used for in one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) bucket: String,
    pub(crate) mode: String,
    /// Empty for customers' keys, which are named nowhere.
    pub(crate) key_id: String,
    /// Empty where it is not known.
    pub(crate) key_version: String,
    pub(crate) versions: u64,
    /// Uploads under way.
    pub(crate) uploads: u64,
    pub(crate) bytes: u64,
}

/// A version of an object, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AboutVersion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: String,
    pub(crate) what: String,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    Purged,
    KeysRewrapped {
        /// Id of the master key that wraps all of them now.
        master: String,
        keys: u64,
        rewrapped: u64,
    },
    Reported {
        /// Versions and uploads whose rows cannot be read.
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
    Noted {
        /// Why the server goes on with the keys it has, if it does.
        not_taken_up: Option<String>,
    },
    Shredded,
}
