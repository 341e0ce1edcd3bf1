//! What the system may do with the memory of this process, where keys lie: no core dumps, and no swapping where that can
//! be had.

use std::io;

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

use crate::settings::MemoryLock;

/// How to be allowed to lock memory.
const HOW: &str = "LimitMEMLOCK=infinity in the unit of systemd, --ulimit memlock=-1 for a container, \
                   or the capability CAP_IPC_LOCK";

/// Why the memory is not guarded as the settings demand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    #[error("cannot forbid core dumps (memory.core_dumps = true allows them)")]
    CoreDumps(#[source] io::Error),
    #[error(
        "memory.lock is required, and this user may not lock all memory of a process: grant it with {HOW}, \
         or set memory.lock to auto"
    )]
    NotAllowed,
    #[error("memory.lock is required, and the system cannot lock memory; set it to auto to go without")]
    Impossible(#[source] io::Error),
}

/// Whether the memory is locked.
#[derive(Debug)]
pub(crate) enum Locked {
    /// No page of it is ever swapped out.
    Yes,
    /// That was not wanted.
    Off,
    /// This user may not.
    NotAllowed,
    /// The system cannot.
    Impossible(io::Error),
}

/// Forbids core dumps of this process: by the system's limit, and by a mark that also keeps other processes of the same
/// user from looking into its memory, unless they are root's.
pub(crate) fn forbid_core_dumps() -> Result<(), MemoryError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .map_err(|error| MemoryError::CoreDumps(error.into()))
}

/// Locks all memory of this process, that which is still to come too, as far as it comes to be used.
///
/// Only where no limit is set: under one, memory that is asked for later would be refused, and the server would end. Call
/// this before there are other threads.
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
    // Whom the limit binds may lock nothing while it is zero. Whom it does not bind may: who has CAP_IPC_LOCK, and not
    // only in a container of his own.
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
    /// Tells the operator, once.
    pub(crate) fn tell(&self) {
        match self {
            Self::Yes => tracing::info!("memory is locked: no key is swapped to a disk"),
            Self::Off => {
                tracing::info!("memory is not locked (memory.lock is off): keys may be swapped to a disk");
            }
            Self::NotAllowed => tracing::warn!(
                "memory is not locked, so keys may be swapped to a disk: this user may not lock all of it; grant it with \
                 {HOW}, or turn swap off and set memory.lock to off"
            ),
            Self::Impossible(error) => tracing::warn!(
                %error,
                "memory is not locked, so keys may be swapped to a disk: the system cannot lock it; turn swap off, and \
                 set memory.lock to off"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
