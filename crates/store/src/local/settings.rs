//! How a local store behaves.

/// How a local store behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSettings {
    /// Memory for cached index blocks, in bytes. Beside it the index holds at most five write buffers of 32 MiB
    /// and 16 MiB of waiting commits.
    pub index_cache_bytes: u64,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self {
            index_cache_bytes: 128 << 20,
        }
    }
}
