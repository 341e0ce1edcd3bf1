//! Settings of the process memory.

use clap::ValueEnum;
use serde::Deserialize;

use super::layered::layer;
use super::value::{choices, word};

layer! {
    /// The memory settings given by one source.
    struct MemoryLayer, shown from memory: Memory {
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

impl MemoryLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> Memory {
        Memory {
            core_dumps: self.core_dumps.unwrap_or(false),
            lock: self.lock.unwrap_or(MemoryLock::Auto),
        }
    }
}
