//! Errors of stores.

use crate::id::BlobId;
use std::path::PathBuf;

/// Error of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The blob or partition does not exist.
    #[error("the store does not contain {0}")]
    NotFound(String),
    /// The stored bytes are not those that were written: a wrong checksum, a short file, a broken record.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Name of the blob or row.
        what: String,
        /// Description of the fault.
        why: String,
    },
    /// The store does not contain a commit that was noted elsewhere: it was rolled back, or its newest files are missing.
    #[error("the store was rolled back, or its newest files are missing: commit {noted} was noted, {reason}")]
    RolledBack {
        /// Number of the commit that was noted.
        noted: u64,
        /// Difference between the store and the note.
        reason: String,
    },
    /// Another process has the store open; only one at a time may.
    #[error(
        "another process has the store {} open: a server, perhaps one that is starting or stopping, or another strongroom \
         command; try again when it is done",
        .0.display()
    )]
    InUse(PathBuf),
    /// The device or service below the store failed, or has no space left.
    #[error("the store failed while {doing}: {source}")]
    Failed {
        /// Operation in progress.
        doing: String,
        /// Error of the operating system or service.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk has no room for more content. Deletions still work.
    #[error("the disk of the store is full: {0}")]
    Full(String),
    /// The store takes no writes at the moment; the reason.
    #[error("the store takes no writes: {0}")]
    TakesNoWrites(String),
    /// The process, or the system, has too many open files.
    #[error("too many files are open; raise the limit of open files (LimitNOFILE in a systemd unit)")]
    TooManyFiles,
    /// The store is shutting down and accepts no more work.
    #[error("the store is closing")]
    Closing,
}

impl StoreError {
    /// Creates the error for a failure below the store.
    pub fn failed(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed {
            doing: doing.into(),
            source: source.into(),
        }
    }

    pub(crate) fn damaged(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Damaged {
            what: what.into(),
            why: why.into(),
        }
    }

    /// Returns the same error for another call that failed with this one.
    pub(crate) fn for_another(&self, doing: &str) -> Self {
        match self {
            Self::Damaged { what, why } => Self::damaged(what, why),
            Self::Full(why) => Self::Full(why.clone()),
            Self::TakesNoWrites(why) => Self::TakesNoWrites(why.clone()),
            Self::TooManyFiles => Self::TooManyFiles,
            other => Self::failed(doing, other.to_string()),
        }
    }

    pub(crate) fn too_short(id: BlobId, range: &std::ops::Range<u64>, length: u64) -> Self {
        let why = format!(
            "bytes {} to {} were requested, but it has {length}",
            range.start, range.end
        );
        Self::damaged(format!("blob {id}"), why)
    }
}

/// Result of a store call.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
