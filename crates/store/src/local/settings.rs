//! Settings of a local store.

use std::time::Duration;

/// Settings of a local store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSettings {
    /// Memory for cached index blocks, in bytes. In addition the index uses at most five write buffers and
    /// 16 MiB for waiting commits.
    pub index_cache_bytes: u64,
    /// Size of a write buffer of the index from which on it is written to a table, in bytes.
    pub write_buffer_bytes: u64,
    /// Space that a segment of the commit log allocates when it is created, in bytes.
    pub segment_bytes: u64,
    /// Free bytes of the disk that only deletions, the index and its log may use. `None`: the larger of 1 GiB and a
    /// fiftieth of the file system, but at most a tenth of it.
    pub reserve_bytes: Option<u64>,
    /// Use of the history, which allows to bring a snapshot forward to any later state.
    pub history: HistoryUse,
}

/// Use of the history of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryUse {
    /// Continue the history if there is one, and discard nothing of it: for programs that do not know the limits.
    AsFound,
    /// Keep none, and remove one that was kept.
    Off,
    /// Keep one.
    Within(HistoryLimits),
}

/// Limits of the history of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Time for which everything is kept.
    pub age: Duration,
    /// Bytes from which on the oldest part is discarded before its time. `None`: only when the disk is full up to the
    /// reserve.
    pub bytes: Option<u64>,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self {
            index_cache_bytes: 128 << 20,
            write_buffer_bytes: 32 << 20,
            segment_bytes: 16 << 20,
            reserve_bytes: None,
            history: HistoryUse::AsFound,
        }
    }
}
