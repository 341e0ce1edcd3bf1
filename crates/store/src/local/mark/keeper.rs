//! The thread that keeps the mark close behind the log.

use crate::error::Result;
use crate::local::log::Head;
use crate::local::mark::{Mark, MarkFile};
use crate::local::vital::{self, Failure};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Maximum time by which the mark is behind the log while commits arrive without a pause. A damage of the log that hides
/// commits of this time looks like the end of a log after a crash.
const LAG: Duration = Duration::from_millis(100);

/// Pause between commits after which the mark is written without waiting for [`LAG`].
const PAUSE: Duration = Duration::from_millis(5);

struct State {
    mark: Mark,
    /// Time of the last change.
    changed: Instant,
    /// Time of the first change that is not written yet. `None`: all are written.
    pending: Option<Instant>,
    /// Somebody waits for the next write.
    is_urgent: bool,
    /// Number of changes, and number of those that the last attempt to write contained.
    changes: u64,
    tried: u64,
    /// Error of the last attempt, if it failed.
    failure: Option<String>,
    stop: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    tried: Condvar,
}

/// Handle of the thread. Dropping it writes the mark a last time.
pub(in crate::local) struct MarkKeeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl MarkKeeper {
    pub(in crate::local) fn start(file: MarkFile, mark: Mark, failure: &Arc<Failure>) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                mark,
                changed: Instant::now(),
                pending: None,
                is_urgent: false,
                changes: 0,
                tried: 0,
                failure: None,
                stop: false,
            }),
            changed: Condvar::new(),
            tried: Condvar::new(),
        });
        let thread = vital::spawn("mark-keeper", failure, {
            let shared = Arc::clone(&shared);
            move || run(file, &shared)
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Sets the head that was acknowledged.
    pub(in crate::local) fn acknowledged(&self, head: Head) {
        self.change(|mark| mark.head = head);
    }

    /// Returns the newest content of the mark, which may not be written yet.
    pub(in crate::local) fn mark(&self) -> Mark {
        self.shared.lock().mark
    }

    /// Sets the number of orphans that are allowed, and has the mark written at once. Returns the number of the change.
    pub(in crate::local) fn allow_orphans(&self, orphans: u64) -> u64 {
        let mut state = self.shared.lock();
        state.change(|mark| mark.orphans = orphans);
        state.is_urgent = true;
        self.shared.changed.notify_one();
        state.changes
    }

    /// Waits until a change is durable.
    pub(in crate::local) fn wait_for(&self, change: u64) -> io::Result<()> {
        let state = self.shared.lock();
        let tried = self.shared.tried.wait_while(state, |state| state.tried < change);
        let state = tried.unwrap_or_else(PoisonError::into_inner);
        state
            .failure
            .clone()
            .map_or(Ok(()), |why| Err(io::Error::other(why)))
    }

    /// Sets the sequence number of the newest list of tables.
    pub(in crate::local) fn listed(&self, sequence: u64) {
        self.change(|mark| mark.list = sequence);
    }

    fn change(&self, change: impl FnOnce(&mut Mark)) {
        let mut state = self.shared.lock();
        // The thread sleeps without a time limit only while nothing is pending.
        let wake = state.pending.is_none();
        state.change(change);
        drop(state);
        if wake {
            self.shared.changed.notify_one();
        }
    }
}

impl State {
    fn change(&mut self, change: impl FnOnce(&mut Mark)) {
        change(&mut self.mark);
        let now = Instant::now();
        self.changed = now;
        self.pending.get_or_insert(now);
        self.changes += 1;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MarkKeeper {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps the mark panicked");
        }
    }
}

fn run(mut file: MarkFile, shared: &Shared) {
    let mut failing = false;
    let mut state = shared.lock();
    loop {
        let Some(pending) = state.pending else {
            if state.stop {
                return;
            }
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let due = (state.changed + PAUSE).min(pending + LAG);
        let now = Instant::now();
        if now < due && !state.stop && !state.is_urgent {
            let waited = shared.changed.wait_timeout(state, due - now);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let (mark, stop, changes) = (state.mark, state.stop, state.changes);
        state.pending = None;
        state.is_urgent = false;
        drop(state);
        let written = file.write(mark);
        match &written {
            Ok(()) if failing => tracing::info!("the mark of the last acknowledged commit is written again"),
            Err(error) if !failing => {
                tracing::error!(alarm = "store", %error, "cannot write the mark of the last acknowledged commit");
            }
            _ => {}
        }
        failing = written.is_err();
        state = shared.lock();
        state.tried = changes;
        state.failure = written.err().map(|error| error.to_string());
        shared.tried.notify_all();
        if failing && !stop {
            drop(state);
            std::thread::sleep(LAG);
            state = shared.lock();
        }
        if failing && !stop {
            state.pending.get_or_insert(now);
        }
    }
}
