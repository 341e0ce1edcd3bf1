//! Errors of stores.

use crate::id::BlobId;
use std::path::PathBuf;

/// What a store could not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The blob or partition is not there.
    #[error("{0} is not in the store")]
    NotFound(String),
    /// The stored bytes are not those that were written: a bad checksum, a short file, a broken record.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which blob or row.
        what: String,
        /// What did not fit.
        why: String,
    },
    /// Only one process at a time has a store open.
    #[error(
        "another process has the store {} open: a server, perhaps one that is starting or stopping, or another strongroom \
         command; try again when it is done",
        .0.display()
    )]
    InUse(PathBuf),
    /// The device or service under the store failed, or has no space left.
    #[error("the store failed while {doing}: {source}")]
    Failed {
        /// The work in hand.
        doing: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store is shutting down and takes no more work.
    #[error("the store is closing")]
    Closing,
}

impl StoreError {
    /// A failure of what lies under the store.
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
