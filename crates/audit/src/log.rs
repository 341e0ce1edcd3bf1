//! The audit log: one line for each use of a key and each recorded request, in append-only files, where each line contains the hash of the
//! previous one. docs/audit.md describes it for readers of the log.
//!
//! [`AuditLog`] puts lines into a [`queue`]; a [`worker`] thread passes them to the [`writer`], which chains them
//! ([`mod@line`]) and appends them to [`files`]. [`resume`] finds the end of an existing log; [`verify`], [`read`] and
//! [`heads`] read logs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use clock::Clock;
use heads::StoreHead;
use line::{Mark, Text};
use queue::Queue;
use worker::Worker;
use writer::{LogDirectory, Writer};

use crate::audit::{Audit, AuditUnavailable};
use crate::event::{IdentityChange, KeyEvent};
use crate::request::{Categories, Category, RequestEvent};

pub mod clock;
pub mod files;
pub mod heads;
pub mod line;
mod queue;
pub mod read;
mod request_line;
mod resume;
pub mod verify;
mod worker;
pub mod writer;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

/// Audit log written by this process.
pub struct AuditLog {
    queue: Arc<Queue>,
    clock: Clock,
    /// Categories of requests that are recorded.
    requests: Categories,
    /// Writer thread, until the log is closed.
    worker: Mutex<Option<JoinHandle<bool>>>,
}

impl AuditLog {
    /// Continues an existing log, or starts a new one. Of requests, it records those of these categories.
    ///
    /// # Errors
    /// The system's error if the directory or a file in it cannot be created, read or written.
    /// [`io::ErrorKind::ResourceBusy`] when another process writes there.
    pub fn open(directory: LogDirectory, clock: Clock, requests: Categories) -> io::Result<Self> {
        let writer = Writer::open(directory, Arc::clone(&clock))?;
        let queue = Arc::new(Queue::default());
        let worker = Worker::new(writer, Arc::clone(&queue));
        let worker = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            queue,
            clock,
            requests,
            worker: Mutex::new(Some(worker)),
        })
    }

    /// Notes the state of the store.
    ///
    /// # Errors
    /// [`AuditUnavailable`] if no line can be accepted.
    pub fn note(&self, head: &StoreHead) -> Result<(), AuditUnavailable> {
        let text = Text::of_mark((self.clock)(), &head.mark()).map_err(|_| AuditUnavailable)?;
        self.queue.add(text)
    }

    /// Writes the remaining lines and closes the log; later uses of keys are refused. Blocks until the lines are on the
    /// disk, for a few seconds at most. Returns whether all lines were written.
    pub fn close(&self) -> bool {
        self.queue.close();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(worker) = worker else { return true };
        worker.join().unwrap_or_else(|_| {
            tracing::error!(alarm = "audit", "the audit log writer thread panicked");
            false
        })
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl Audit for AuditLog {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        self.queue.has_room()
    }

    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        let text = Text::of_use((self.clock)(), event).map_err(|_| AuditUnavailable)?;
        self.queue.add(text)
    }

    fn record_change(&self, change: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        let mark = Mark::of_change(change);
        let text = Text::of_mark((self.clock)(), &mark).map_err(|_| AuditUnavailable)?;
        self.queue.add(text)
    }

    fn records(&self, category: Category) -> bool {
        self.requests.contain(category)
    }

    fn record_request(&self, request: &RequestEvent<'_>) -> Result<(), AuditUnavailable> {
        let text = Text::of_request((self.clock)(), request).map_err(|_| AuditUnavailable)?;
        self.queue.add(text)
    }
}
