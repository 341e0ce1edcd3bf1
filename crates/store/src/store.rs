//! The two seams together.

use crate::blobs::Blobs;
use crate::index::Index;
use std::sync::Arc;

/// A place to keep blobs and rows: the two seams together.
#[derive(Clone)]
pub struct Store {
    /// Sealed byte strings.
    pub blobs: Arc<dyn Blobs>,
    /// Rows.
    pub index: Arc<dyn Index>,
}
