//! Writer thread: writes in batches, and retries while the disk fails.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::Text;
use super::queue::Queue;
use super::writer::Writer;

/// Time during which lines are collected for one write. Killing the process loses lines that are not written yet.
const GATHER: Duration = Duration::from_millis(2);
/// Approximate age at which a line is made durable. A power failure loses lines that are not durable yet.
const SYNC: Duration = Duration::from_secs(1);
/// Interval between attempts after a failed write.
const RETRY: Duration = Duration::from_secs(1);
/// Time limit for attempts when the server stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// State of the writer thread.
pub(super) struct Worker {
    writer: Writer,
    queue: Arc<Queue>,
    /// Lines taken from the queue and not written yet.
    lines: VecDeque<Text>,
    /// Time at which written lines must be made durable. `None`: all are durable.
    sync_at: Option<Instant>,
    /// True if the last attempt failed.
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

    /// Writes until the queue is closed and empty. Returns whether all lines were written.
    pub(super) fn run(mut self) -> bool {
        while !self.queue.is_closed() {
            // After a failure, the lines of the failed attempt are still there.
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
            .write(&mut self.lines, |lines, bytes| queue.release(lines, bytes))
    }

    fn finish(mut self) -> bool {
        let give_up = Instant::now() + PATIENCE;
        self.lines.extend(self.queue.take(None));
        loop {
            match self.write_lines().and_then(|()| self.writer.end()) {
                Ok(()) => return true,
                Err(error) if Instant::now() >= give_up => {
                    let lines = self.lines.len();
                    tracing::error!(alarm = "audit", %error, lines, "the last lines of the audit log are lost");
                    return false;
                }
                Err(_) => std::thread::sleep(RETRY / 4),
            }
        }
    }

    /// Logs when writing begins to fail, and when it works again.
    fn tell(&mut self, outcome: io::Result<()>) {
        match outcome {
            Ok(()) if self.is_failing => {
                self.is_failing = false;
                tracing::info!("writing the audit log works again; no line was lost");
            }
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                tracing::error!(
                    alarm = "audit",
                    %error,
                    "cannot write the audit log; retrying every second. When too many lines are waiting, requests that use \
                     keys are refused"
                );
            }
            _ => {}
        }
    }
}
