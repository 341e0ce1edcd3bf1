//! The trait of a database that the index can use.

use crate::load::Request;

/// An ordered map with durable batches.
pub trait Database: Send + Sync {
    /// Checks each request's condition, applies all and makes them durable.
    fn commit(&self, batch: &[Request]);
    /// Puts and deletes in one durable commit.
    fn apply(&self, writes: &[(Vec<u8>, Option<Vec<u8>>)]);
    /// Returns a value.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Reads keys and values from `from` on that begin with `prefix`, and returns their number.
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> usize;
}

/// Memory that each database may use for cached pages or blocks.
pub const CACHE_BYTES: usize = 128 << 20;
