//! Storage of sealed bytes and rows.
//!
//! Three traits, all blind to their content: [`Blobs`] stores immutable sealed byte strings, [`Index`] stores an ordered
//! map of small rows cut into partitions, [`WrappedKeys`] stores the envelopes of keys. Nothing here sees a key or a
//! plaintext byte: what needs a key is done by an [`Authenticator`].

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
pub mod id;

mod error;

pub mod authenticator;
pub mod room;

pub mod blobs;
pub mod index;
pub mod integrity;
pub mod snapshots;
pub mod wrapped_keys;

mod checksum;
mod row;
mod store;

mod prepared;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod faulty;
mod local;
mod memory;
pub mod metered;

pub use authenticator::{Authenticator, MacPurpose};
pub use blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
pub use error::{Result, StoreError};
pub use id::{BlobId, PartitionId, StoreId, Timeline};
pub use index::{
    Check, Commit, CommitRefused, Content, Contents, Counter, FIRST_GENERATION, Index, Row, Scan, Write,
};
pub use integrity::{CommitHead, Integrity};
pub use local::restore::{Restoration, Restored, Until};
pub use local::settings::{HistoryLimits, HistoryUse, LocalSettings};
pub use local::{FoundStore, IfRunning, PreparedReadOnly, Problems, ReadOnlyError, ReadOnlyStore};
pub use prepared::{Prepared, Recovery};
pub use room::Admission;
pub use snapshots::{HistoryReach, Snapshot, Snapshots};
pub use store::Store;
pub use wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys, WrappedKeys};
