//! Storage of sealed bytes and rows.
//!
//! Two traits, both blind to their content: [`Blobs`] stores immutable sealed byte strings, [`Index`] stores an ordered
//! map of small rows cut into partitions. Nothing here sees a key or a plaintext byte.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
pub mod id;

mod error;

pub mod room;

pub mod blobs;
pub mod index;

mod checksum;
mod row;
mod store;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod faulty;
mod local;
mod memory;
pub mod metered;

pub use blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
pub use error::{Result, StoreError};
pub use id::{BlobId, PartitionId};
pub use index::{Check, Commit, CommitRefused, Counter, FIRST_GENERATION, Index, Row, Scan, Write};
pub use local::settings::LocalSettings;
pub use local::{IfRunning, ReadOnlyError, ReadOnlyStore};
pub use room::Admission;
pub use store::Store;
