//! The thread that writes: in batches, and again and again while the disk fails.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::Text;
use super::queue::Queue;
use super::writer::Writer;

/// How long lines gather for one write. A kill of the process loses what has not been written.
const GATHER: Duration = Duration::from_millis(2);
/// How old a line gets before it is durable, about. A power cut loses what is not.
const SYNC: Duration = Duration::from_secs(1);
/// How soon a failed write is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long it is tried when the server is to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The writer at work.
pub(super) struct Worker {
    writer: Writer,
    queue: Arc<Queue>,
    /// Taken from the queue and not written yet.
    lines: VecDeque<Text>,
    /// When what was written must be durable; none: all of it is.
    sync_at: Option<Instant>,
    /// The last attempt failed.
    is_failing: bool,
}

impl Worker {
    pub(super) fn new(writer: Writer, queue: Arc<Queue>) -> Self {
        Self {
            writer,
            queue,
            lines: VecDeque::new(),
            sync_at: None,
            is_failing: false,
        }
    }

    /// Writes until the queue is closed and everything in it is written. Tells whether nothing was lost.
    pub(super) fn run(mut self) -> bool {
        while !self.queue.is_closed() {
            // What failed is still there.
            if !self.is_failing {
                self.lines = self.queue.take(self.sync_at);
            }
            let outcome = self.write();
            let pause = if outcome.is_ok() { GATHER } else { RETRY };
            self.tell(outcome);
            self.queue.pause(Instant::now() + pause);
        }
        self.finish()
    }

    fn write(&mut self) -> io::Result<()> {
        self.write_lines()?;
        if self.writer.is_dirty() && self.sync_at.is_none() {
            self.sync_at = Some(Instant::now() + SYNC);
        }
        if self.sync_at.is_some_and(|at| Instant::now() >= at) {
            self.writer.sync()?;
            self.sync_at = None;
        }
        Ok(())
    }

    fn write_lines(&mut self) -> io::Result<()> {
        let queue = &self.queue;
        self.writer
            .write(&mut self.lines, |lines, bytes| queue.taken(lines, bytes))
    }

    fn finish(mut self) -> bool {
        let give_up = Instant::now() + PATIENCE;
        self.lines.extend(self.queue.take(None));
        loop {
            match self.write_lines().and_then(|()| self.writer.end()) {
                Ok(()) => return true,
                Err(error) if Instant::now() >= give_up => {
                    let lines = self.lines.len();
                    tracing::error!(alarm = "audit", %error, lines, "the end of the audit log is lost");
                    return false;
                }
                Err(_) => std::thread::sleep(RETRY / 4),
            }
        }
    }

    /// Tells when it begins to fail, and when that is over.
    fn tell(&mut self, outcome: io::Result<()>) {
        match outcome {
            Ok(()) if self.is_failing => {
                self.is_failing = false;
                tracing::info!("the audit log can be written again: no line was lost");
            }
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                tracing::error!(
                    alarm = "audit",
                    %error,
                    "the audit log cannot be written: tried again each second; when too many lines wait, requests that \
                     use keys are refused"
                );
            }
            _ => {}
        }
    }
}
