//! Room on the disk of a store: content is refused when it would take from the reserve, which deletions, the index and
//! its log may use.

use crate::error::{Result, StoreError};
use crate::local::directory::Directory;
use crate::room::Room;
use rustix::fs::StatVfsMountFlags;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Age up to which the free space of the last look is used.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Default reserve: the larger of this and a fiftieth of the file system, but at most a tenth of it.
const RESERVE: u64 = 1 << 30;

/// The room on a disk.
pub(super) struct DiskRoom {
    directory: Arc<Directory>,
    /// Reserve in bytes. `None`: the default.
    reserve: Option<u64>,
    state: Mutex<State>,
}

/// Free space of a file system.
#[derive(Clone, Copy)]
struct Space {
    total: u64,
    free: u64,
    is_read_only: bool,
}

#[derive(Default)]
struct State {
    looked: Option<Instant>,
    /// Free bytes at the last look, less those written since.
    free: u64,
    reserve: u64,
    is_read_only: bool,
    /// Bytes that were admitted and are not written yet.
    kept: u64,
    trouble: Trouble,
}

/// Trouble that was reported last.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    #[default]
    None,
    /// The disk is full; the largest number of bytes that was refused.
    Full(u64),
    NoWrites,
}

impl DiskRoom {
    pub(super) fn new(directory: Arc<Directory>, reserve: Option<u64>) -> Self {
        Self {
            directory,
            reserve,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code under the lock can panic between two changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether content of this many bytes is refused because the disk is full.
    pub(super) fn is_full_for(&self, bytes: u64) -> bool {
        matches!(self.judge(&mut self.state(), bytes), Err(StoreError::Full(_)))
    }

    /// Has the free space read again: files were deleted.
    pub(super) fn look_again(&self) {
        self.state().looked = None;
    }

    fn judge(&self, state: &mut State, bytes: u64) -> Result<()> {
        if let Some(reason) = self.directory.writability.refusal() {
            return Err(StoreError::TakesNoWrites(reason));
        }
        if state.looked.is_none_or(|looked| looked.elapsed() >= MAX_AGE) {
            let space = self.look()?;
            state.looked = Some(Instant::now());
            state.free = space.free;
            state.is_read_only = space.is_read_only;
            state.reserve = self.reserve.unwrap_or_else(|| default_reserve(space.total));
        }
        if state.is_read_only {
            let reason = "its file system is mounted read-only".to_owned();
            return Err(StoreError::TakesNoWrites(reason));
        }
        if state.room() < bytes {
            return Err(StoreError::Full(format!(
                "{} MiB are free, and {} MiB of them are the reserve for deletions and the index",
                state.free >> 20,
                state.reserve >> 20
            )));
        }
        Ok(())
    }

    /// Reads the free space: a system call of microseconds, which is made on the thread of the request.
    fn look(&self) -> Result<Space> {
        let path = self.directory.layout.path();
        let found = rustix::fs::statvfs(path)
            .map_err(|error| StoreError::failed("reading the free space of the disk", error))?;
        Ok(Space {
            total: found.f_blocks.saturating_mul(found.f_frsize),
            free: found.f_bavail.saturating_mul(found.f_frsize),
            is_read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }
}

impl Room for DiskRoom {
    fn keep(&self, bytes: u64) -> Result<()> {
        let mut state = self.state();
        let judged = self.judge(&mut state, bytes);
        state.report(judged.as_ref().err(), bytes);
        judged?;
        state.kept += bytes;
        Ok(())
    }

    fn give_back(&self, bytes: u64, written: u64) {
        let mut state = self.state();
        // An admission gives back each byte that it kept once: when it is written, or when it is dropped.
        debug_assert!(bytes <= state.kept, "{bytes} of {} kept bytes", state.kept);
        state.kept = state.kept.saturating_sub(bytes);
        state.free = state.free.saturating_sub(written);
    }
}

impl State {
    /// Returns the number of bytes that can be admitted.
    fn room(&self) -> u64 {
        self.free.saturating_sub(self.reserve).saturating_sub(self.kept)
    }

    /// Logs when the disk becomes full or takes no writes, and when that ends: not once for each request.
    fn report(&mut self, refusal: Option<&StoreError>, bytes: u64) {
        let now = match (refusal, self.trouble) {
            (Some(StoreError::TakesNoWrites(_)), _) => Trouble::NoWrites,
            // A request that is larger than what is left does not make a disk full on which others have room.
            (Some(StoreError::Full(_)), before) => match before {
                Trouble::Full(refused) => Trouble::Full(refused.max(bytes)),
                _ if self.room() < self.reserve => Trouble::Full(bytes),
                before => before,
            },
            (None, Trouble::Full(refused)) if self.room() < refused.min(self.reserve) => self.trouble,
            (Some(_), before) => before,
            (None, _) => Trouble::None,
        };
        let was = std::mem::replace(&mut self.trouble, now);
        match (was, now, refusal) {
            (Trouble::None | Trouble::Full(_), Trouble::NoWrites, Some(error))
            | (Trouble::None | Trouble::NoWrites, Trouble::Full(_), Some(error)) => {
                tracing::error!(alarm = "store", %error, "uploads are refused");
            }
            (Trouble::Full(_) | Trouble::NoWrites, Trouble::None, _) => {
                tracing::warn!(alarm = "store", "uploads are accepted again");
            }
            _ => {}
        }
    }
}

fn default_reserve(total: u64) -> u64 {
    RESERVE.max(total / 50).min(total / 10)
}

#[cfg(test)]
mod tests;
