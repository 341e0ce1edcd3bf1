//! The thread that keeps the mark close behind the log.

use crate::error::{Result, StoreError};
use crate::local::log::Head;
use crate::local::mark::{Mark, MarkFile};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
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
    stop: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Handle of the thread. Dropping it writes the mark a last time.
pub(in crate::local) struct MarkKeeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl MarkKeeper {
    pub(in crate::local) fn start(file: MarkFile, mark: Mark) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                mark,
                changed: Instant::now(),
                pending: None,
                stop: false,
            }),
            changed: Condvar::new(),
        });
        let thread = std::thread::Builder::new()
            .name("mark-keeper".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || run(file, &shared)
            })
            .map_err(|error| StoreError::failed("starting the thread that keeps the mark", error))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Sets the head that was acknowledged.
    pub(in crate::local) fn acknowledged(&self, head: Head) {
        self.change(|mark| mark.head = head);
    }

    /// Returns the head that was acknowledged last.
    pub(in crate::local) fn head(&self) -> Head {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .mark
            .head
    }

    /// Sets the sequence number of the newest list of tables.
    pub(in crate::local) fn listed(&self, sequence: u64) {
        self.change(|mark| mark.list = sequence);
    }

    fn change(&self, change: impl FnOnce(&mut Mark)) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.mark);
        let now = Instant::now();
        state.changed = now;
        // The thread sleeps without a time limit only while nothing is pending.
        let wake = state.pending.is_none();
        state.pending.get_or_insert(now);
        drop(state);
        if wake {
            self.shared.changed.notify_one();
        }
    }
}

impl Drop for MarkKeeper {
    fn drop(&mut self) {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stop = true;
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
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
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
        if now < due && !state.stop {
            let waited = shared.changed.wait_timeout(state, due - now);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let (mark, stop) = (state.mark, state.stop);
        state.pending = None;
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
        if failing && !stop {
            std::thread::sleep(LAG);
        }
        state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if failing && !stop {
            state.pending.get_or_insert(now);
        }
    }
}
