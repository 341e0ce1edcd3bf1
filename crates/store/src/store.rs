//! The store: blobs and rows together.

use crate::blobs::Blobs;
use crate::index::Index;
use std::sync::Arc;

/// A store of blobs and rows.
#[derive(Clone)]
pub struct Store {
    /// Sealed byte strings.
    pub blobs: Arc<dyn Blobs>,
    /// Rows.
    pub index: Arc<dyn Index>,
}
