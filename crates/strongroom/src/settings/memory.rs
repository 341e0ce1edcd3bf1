//! Settings of the process memory.

use clap::ValueEnum;
use serde::Deserialize;

use super::layered::layer;
use super::value::{choices, number, word};

layer! {
    /// The memory settings given by one source.
    struct MemoryLayer, shown from memory: Memory {
        /// Maximum size of all buffers of requests and responses together [default: a quarter of the memory].
        #[arg(value_name = "MEBIBYTES")]
        buffers["memory-buffers"]: Option<Mebibytes> = memory.show_buffers(),
        /// Allow core dumps of the server process, which contain keys [default: false].
        #[arg(value_name = "BOOLEAN")]
        core_dumps["memory-core-dumps"]: Option<bool> = memory.core_dumps.to_string(),
        /// Lock memory so that keys are never swapped to disk [default: auto].
        #[arg(value_name = "WHEN")]
        lock["memory-lock"]: Option<MemoryLock> = word(&memory.lock),
    }
}

/// Protection of the process memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Maximum size of all buffers of requests and responses, in bytes. `None`: a quarter of the memory.
    pub(crate) buffers: Option<u64>,
    /// True if the system may write the memory to a file when the process crashes.
    pub(crate) core_dumps: bool,
    pub(crate) lock: MemoryLock,
}

/// Policy for locking memory so that it is not swapped out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MemoryLock {
    /// Lock if this user may lock memory.
    Auto,
    /// Do not lock.
    Off,
    /// Refuse to start if memory cannot be locked.
    Required,
}

choices!(MemoryLock);

number! {
    /// Size of buffers. At least 32 MiB: fewer do not hold one large document and a few uploads.
    Mebibytes: 32 to 1_048_576 "MiB"
}

impl Memory {
    fn show_buffers(&self) -> String {
        match self.buffers {
            Some(bytes) => (bytes >> 20).to_string(),
            None => "a quarter of the memory".to_owned(),
        }
    }
}

impl MemoryLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> Memory {
        Memory {
            buffers: self.buffers.map(|buffers| buffers.0 << 20),
            core_dumps: self.core_dumps.unwrap_or(false),
            lock: self.lock.unwrap_or(MemoryLock::Auto),
        }
    }
}
