//! Protection of this process's memory, which contains keys: no core dumps, and no swapping where the system permits.

use std::io;

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

use crate::settings::MemoryLock;

/// Ways to grant permission to lock memory.
const HOW: &str = "LimitMEMLOCK=infinity in the unit of systemd, --ulimit memlock=-1 for a container, \
                   or the capability CAP_IPC_LOCK";

/// Reasons why the memory is not protected as configured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    #[error("cannot disable core dumps (memory.core_dumps = true allows them)")]
    CoreDumps(#[source] io::Error),
    #[error(
        "memory.lock is required, but this user may not lock all memory of a process: grant it with {HOW}, \
         or set memory.lock to auto"
    )]
    NotAllowed,
    #[error("memory.lock is required, but the system cannot lock memory; set it to auto to run without")]
    Impossible(#[source] io::Error),
}

/// Result of locking the memory.
#[derive(Debug)]
pub(crate) enum Locked {
    /// No page is ever swapped out.
    Yes,
    /// Locking is disabled by the settings.
    Off,
    /// This user may not lock all memory.
    NotAllowed,
    /// The system cannot lock memory.
    Impossible(io::Error),
}

/// Disables core dumps of this process, through the resource limit and through the dumpable flag. The flag also keeps
/// other processes of the same user from reading its memory, except those of root.
pub(crate) fn forbid_core_dumps() -> Result<(), MemoryError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .map_err(|error| MemoryError::CoreDumps(error.into()))
}

/// Locks all memory of this process, including future allocations, page by page as they are used.
///
/// Does so only if no limit is set: under a limit, later allocations would fail and the server would abort. Call this
/// before other threads exist.
pub(crate) fn lock(wanted: MemoryLock) -> Result<Locked, MemoryError> {
    let locked = match wanted {
        MemoryLock::Off => return Ok(Locked::Off),
        MemoryLock::Auto | MemoryLock::Required => lock_all(),
    };
    match (locked, wanted) {
        (Locked::NotAllowed, MemoryLock::Required) => Err(MemoryError::NotAllowed),
        (Locked::Impossible(error), MemoryLock::Required) => Err(MemoryError::Impossible(error)),
        (locked, _) => Ok(locked),
    }
}

fn lock_all() -> Locked {
    let limit = getrlimit(Resource::Memlock);
    // While the limit is zero, a process bound by it can lock nothing. A process with CAP_IPC_LOCK (not only inside its
    // own container) is not bound by it and can.
    let trial = Rlimit {
        current: limit.maximum.map(|_| 0),
        ..limit
    };
    let locked = setrlimit(Resource::Memlock, trial)
        .and_then(|()| mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT));
    let restored = match limit.maximum {
        Some(_) => setrlimit(Resource::Memlock, limit),
        None => Ok(()),
    };
    match locked.and(restored) {
        Ok(()) => Locked::Yes,
        Err(Errno::PERM) => Locked::NotAllowed,
        Err(error) => Locked::Impossible(error.into()),
    }
}

impl Locked {
    /// Logs the result once.
    pub(crate) fn tell(&self) {
        match self {
            Self::Yes => tracing::info!("memory is locked: keys are never swapped to disk"),
            Self::Off => {
                tracing::info!("memory is not locked (memory.lock is off): keys may be swapped to disk");
            }
            Self::NotAllowed => tracing::warn!(
                "memory is not locked, so keys may be swapped to disk: this user may not lock all memory; grant it \
                 with {HOW}, or turn swap off and set memory.lock to off"
            ),
            Self::Impossible(error) => tracing::warn!(
                %error,
                "memory is not locked, so keys may be swapped to disk: the system cannot lock it; turn swap off, and \
                 set memory.lock to off"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
