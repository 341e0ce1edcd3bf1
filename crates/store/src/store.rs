//! The store: blobs, rows and wrapped keys together.

use crate::blobs::Blobs;
use crate::index::Index;
use crate::integrity::Integrity;
use crate::snapshots::Snapshots;
use crate::wrapped_keys::WrappedKeys;
use std::sync::Arc;

/// A store of blobs, rows and wrapped keys.
#[derive(Clone)]
pub struct Store {
    /// Sealed byte strings.
    pub blobs: Arc<dyn Blobs>,
    /// Rows.
    pub index: Arc<dyn Index>,
    /// Envelopes of the store's key and of the buckets' keys.
    pub keys: Arc<dyn WrappedKeys>,
    /// Copies of the store while it is used.
    pub snapshots: Arc<dyn Snapshots>,
    /// Checks of the store's own structures.
    pub integrity: Arc<dyn Integrity>,
}
