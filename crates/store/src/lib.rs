//! Where sealed bytes and rows lie.
//!
//! Two seams, both blind to what they hold: [`Blobs`] keeps immutable sealed byte strings, [`Index`] keeps an
//! ordered map of small rows cut into partitions. Nothing here sees a key or a plaintext byte.

pub mod blobs;
mod checksum;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
pub mod faulty;
pub mod id;
pub mod index;
mod local;
mod memory;
pub mod metered;
mod row;
mod store;

pub use blobs::{BlobReader, BlobWriter, Blobs, WrittenBlob};
pub use error::{Result, StoreError};
pub use id::{BlobId, PartitionId};
pub use index::{Check, Commit, CommitRefused, Counter, FIRST_GENERATION, Index, Row, Scan, Write};
pub use local::settings::LocalSettings;
pub use local::{Look, LookError, Running};
pub use store::Store;
