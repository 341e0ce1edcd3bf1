//! Lines on their way to the writer. There is room for so many; who finds none is told, and does not wait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::line::Text;
use crate::audit::AuditUnavailable;

#[cfg(test)]
mod tests;

/// Lines that may wait to be written. Twenty seconds of some three thousand requests.
pub(super) const MOST_LINES: usize = 65_536;
/// Bytes that they may take: a line has some 400, but a key of 1024 characters can take six times that.
const MOST_BYTES: usize = 64 << 20;

/// Between who records and who writes.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Text>,
    /// Lines and bytes that are not written yet, those included that the writer has taken.
    unwritten: usize,
    bytes: usize,
    /// The writer waits to be woken.
    is_awaited: bool,
    is_closed: bool,
}

impl State {
    fn has_room(&self) -> bool {
        !self.is_closed && self.unwritten < MOST_LINES && self.bytes < MOST_BYTES
    }
}

impl Queue {
    /// # Errors
    /// [`AuditUnavailable`] when there is no room, or the log was closed.
    pub(super) fn has_room(&self) -> Result<(), AuditUnavailable> {
        if self.state().has_room() {
            Ok(())
        } else {
            Err(AuditUnavailable)
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// As [`Self::has_room`].
    pub(super) fn add(&self, line: Text) -> Result<(), AuditUnavailable> {
        let mut state = self.state();
        if !state.has_room() {
            return Err(AuditUnavailable);
        }
        state.unwritten += 1;
        state.bytes += line.size();
        state.lines.push_back(line);
        // To wake somebody is a system call: once for all lines that come until it is awake.
        let wake = std::mem::take(&mut state.is_awaited);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Takes the lines that have come; waits until there are some, the log is closed, or it is `until`.
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

    /// So many lines, with so many bytes, have got their place in a file: there is room for others.
    pub(super) fn taken(&self, lines: usize, bytes: usize) {
        let mut state = self.state();
        state.unwritten = state.unwritten.saturating_sub(lines);
        state.bytes = state.bytes.saturating_sub(bytes);
    }

    /// Takes no more lines, and waits no more for any.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Waits until the log is closed or it is `until`.
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
