//! The audit log: one line for each use of a key, in files that are only added to, each line holding the hash of the one
//! before it. docs/audit.md describes it for who reads it.
//!
//! [`AuditLog`] takes lines into a [`queue`]; a [`worker`] thread gives them to the [`writer`], which chains them
//! ([`mod@line`]) and puts them into [`files`]. [`resume`] finds where an older log ends; [`verify`] and [`read`] read logs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use clock::Clock;
use line::Text;
use queue::Queue;
use worker::Worker;
use writer::{LogDirectory, Writer};

use crate::audit::{Audit, AuditUnavailable};
use crate::event::KeyEvent;

pub mod clock;
pub mod files;
pub mod line;
mod queue;
pub mod read;
mod resume;
pub mod verify;
mod worker;
pub mod writer;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

/// Writes the audit log of this process.
pub struct AuditLog {
    queue: Arc<Queue>,
    clock: Clock,
    /// The thread that writes, until the log is closed.
    worker: Mutex<Option<JoinHandle<bool>>>,
}

impl AuditLog {
    /// Goes on with the log that lies there, or begins one.
    ///
    /// # Errors
    /// What the system says: the directory or a file in it cannot be made, read or written.
    /// [`io::ErrorKind::ResourceBusy`] when another process writes there.
    pub fn open(place: LogDirectory, clock: Clock) -> io::Result<Self> {
        let writer = Writer::open(place, Arc::clone(&clock))?;
        let queue = Arc::new(Queue::default());
        let worker = Worker::new(writer, Arc::clone(&queue));
        let worker = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            queue,
            clock,
            worker: Mutex::new(Some(worker)),
        })
    }

    /// Writes what is left, and ends the log. Uses of keys are refused from now on. Blocks until it is on the disk, for a
    /// few seconds at most. Tells whether nothing was lost.
    pub fn close(&self) -> bool {
        self.queue.close();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(worker) = worker else { return true };
        worker.join().unwrap_or_else(|_| {
            tracing::error!(alarm = "audit", "the thread that writes the audit log broke off");
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
}
