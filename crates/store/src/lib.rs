//! Where sealed bytes and rows lie.
//!
//! Two seams, both blind to what they hold: [`Blobs`] keeps immutable sealed byte strings, [`Index`] keeps an
//! ordered map of small rows cut into partitions. Nothing here sees a key or a plaintext byte.

pub mod blobs;
mod checksum;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod faulty;
pub mod id;
pub mod index;
mod local;
mod memory;
pub mod metered;
mod row;

use std::path::PathBuf;

pub use blobs::{BlobReader, BlobWriter, Blobs, WrittenBlob};
pub use id::{BlobId, PartitionId};
pub use index::{Check, Commit, CommitRefused, Counter, Index, Row, Scan, Write};
pub use local::{LocalSettings, Look, LookError, Running};

use std::sync::Arc;

/// A place to keep blobs and rows: the two seams together.
#[derive(Clone)]
pub struct Store {
    /// Sealed byte strings.
    pub blobs: Arc<dyn Blobs>,
    /// Rows.
    pub index: Arc<dyn Index>,
}

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
            "bytes {} to {} were asked for, it has {length}",
            range.start, range.end
        );
        Self::damaged(format!("blob {id}"), why)
    }
}

/// Result of a store call.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
