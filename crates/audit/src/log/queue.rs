//! Queue of lines for the writer. Its size is limited; when it is full, adding fails instead of waiting.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::line::Text;
use crate::audit::AuditUnavailable;

#[cfg(test)]
mod tests;

/// Maximum number of unwritten lines: twenty seconds of about three thousand requests per second.
pub(super) const MAX_LINES: usize = 65_536;
/// Maximum size of unwritten lines in bytes. A line has about 400; a key of 1024 characters can take six times that.
const MAX_BYTES: usize = 64 << 20;

/// Queue between the threads that record events and the writer.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Text>,
    /// Lines that are not written yet, including those that the writer has taken.
    unwritten: usize,
    bytes: usize,
    /// True if the writer waits for a notification.
    is_awaited: bool,
    is_closed: bool,
}

impl State {
    fn has_room(&self) -> bool {
        !self.is_closed && self.unwritten < MAX_LINES && self.bytes < MAX_BYTES
    }
}

impl Queue {
    /// # Errors
    /// [`AuditUnavailable`] if the queue is full or the log is closed.
    pub(super) fn has_room(&self) -> Result<(), AuditUnavailable> {
        if self.state().has_room() {
            Ok(())
        } else {
            Err(AuditUnavailable)
        }
    }

    /// Adds a line to the queue.
    ///
    /// # Errors
    /// Same as [`Self::has_room`].
    pub(super) fn add(&self, line: Text) -> Result<(), AuditUnavailable> {
        let mut state = self.state();
        if !state.has_room() {
            return Err(AuditUnavailable);
        }
        state.unwritten += 1;
        state.bytes += line.size();
        state.lines.push_back(line);
        // A notification is a system call: send one for all lines that arrive until the writer is awake.
        let wake = std::mem::take(&mut state.is_awaited);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Takes the queued lines. Waits until there are some, the log is closed, or `until` is reached.
    pub(super) fn take(&self, until: Option<Instant>) -> VecDeque<Text> {
        let mut state = self.state();
        while state.lines.is_empty() && !state.is_closed {
            state.is_awaited = true;
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(left) if left.is_zero() => break,
                left => self.wait(state, left),
            };
        }
        state.is_awaited = false;
        std::mem::take(&mut state.lines)
    }

    /// Frees the space of `lines` lines with `bytes` bytes, which are now in the writer's buffer for the file.
    pub(super) fn release(&self, lines: usize, bytes: usize) {
        let mut state = self.state();
        state.unwritten = state.unwritten.saturating_sub(lines);
        state.bytes = state.bytes.saturating_sub(bytes);
    }

    /// Closes the queue: it accepts no more lines, and nobody waits for any.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Waits until the log is closed or `until` is reached.
    pub(super) fn pause(&self, until: Instant) {
        let mut state = self.state();
        while !state.is_closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.wait(state, Some(left));
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, left: Option<Duration>) -> MutexGuard<'a, State> {
        match left {
            Some(left) => {
                let waited = self.arrived.wait_timeout(state, left);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
