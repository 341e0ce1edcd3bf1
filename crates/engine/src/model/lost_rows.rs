//! The refusal of a store whose index lost rows.

/// More blobs without a row than crashes can have left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found} blobs have no row in the index, but crashes can have left at most {allowed}: the index lost rows, or an older \
     index was put under newer blobs. Nothing was moved or deleted"
)]
pub struct LostRows {
    /// Number of blobs without a row.
    pub found: u64,
    /// Maximum number that crashes can have left.
    pub allowed: u64,
}
