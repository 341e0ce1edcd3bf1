//! The only thread that changes the index. It applies all waiting commits in order, makes them durable with one sync,
//! and then responds to all of them: the more commits arrive at once, the less each costs.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Write};
use crate::local::database::Database;
use crate::local::pending::{Creation, Pending};
use crate::local::removal::{self, Progress, Removals};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// Maximum number of commits that wait for the thread.
const QUEUE: usize = 1024;

/// Maximum bytes of keys and values in commits that wait or are being made durable.
const QUEUE_BYTES: u32 = 16 << 20;

/// Maximum number of commits in one batch. It limits how long the first of them waits.
const BATCH: usize = 512;

/// Size of a batch in bytes from which on no further commit is added to it.
const BATCH_BYTES: u32 = 4 << 20;

/// A change to a partition.
pub(super) enum Work {
    Create,
    Remove,
    Commit(Commit),
}

/// Result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Refused(CommitRefused),
    /// The partition still has rows to remove: request the change again.
    Unfinished,
}

struct Request {
    partition: PartitionId,
    work: Work,
    answer: oneshot::Sender<Result<Outcome>>,
    /// Share of [`QUEUE_BYTES`], released after the response.
    room: OwnedSemaphorePermit,
}

/// Handle of the thread. Dropping it stops the thread, after it has processed all waiting requests.
pub(super) struct Committer {
    requests: Option<mpsc::Sender<Request>>,
    room: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(super) fn start(database: Arc<Database>, removals: Arc<Removals>) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("index-committer".to_owned())
            .spawn(move || {
                let batches = Batches {
                    database: &database,
                    removals: &removals,
                    failure: None,
                };
                batches.run(receiver);
            })
            .map_err(|error| StoreError::failed("starting the thread that commits to the index", error))?;
        let room = Arc::new(Semaphore::new(QUEUE_BYTES as usize));
        Ok(Self {
            requests: Some(sender),
            room,
            thread: Some(thread),
        })
    }

    /// Submits a change and waits until it is durable. If the caller stops waiting, the change may still take effect.
    pub(super) async fn ask(&self, partition: PartitionId, work: Work) -> Result<Outcome> {
        let ended = || StoreError::failed("committing to the index", "the thread that commits has stopped");
        let requests = self.requests.as_ref().ok_or(StoreError::Closing)?;
        let room = Arc::clone(&self.room)
            .acquire_many_owned(size_of(&work))
            .await
            .map_err(|_| ended())?;
        let (answer, answered) = oneshot::channel();
        requests
            .send(Request {
                partition,
                work,
                answer,
                room,
            })
            .await
            .map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that commits to the index panicked");
        }
    }
}

/// Returns the number of bytes in a change: at least 1, at most [`QUEUE_BYTES`].
fn size_of(work: &Work) -> u32 {
    let Work::Commit(commit) = work else { return 1 };
    let checks = commit.checks.iter().map(|check| match check {
        Check::Absent(key) => key.len(),
        Check::Equals(key, value) => key.len() + value.len(),
        Check::Counter(..) => 0,
    });
    let writes = commit.writes.iter().map(|write| match write {
        Write::Put(key, value) => key.len() + value.len(),
        Write::Delete(key) => key.len(),
    });
    let bytes = checks.chain(writes).sum::<usize>();
    u32::try_from(bytes).unwrap_or(QUEUE_BYTES).clamp(1, QUEUE_BYTES)
}

/// Requests that were applied but not yet responded to.
type Unanswered = Vec<(
    oneshot::Sender<Result<Outcome>>,
    Result<Outcome>,
    OwnedSemaphorePermit,
)>;

/// State of the thread.
struct Batches<'a> {
    database: &'a Database,
    removals: &'a Removals,
    /// Set after a failed write to the database. The content of the disk is unknown then, so every later change fails
    /// until the store is opened again.
    failure: Option<String>,
}

impl Batches<'_> {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(first) = requests.blocking_recv() {
            let mut bytes = size_of(&first.work);
            let mut batch = vec![first];
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                let Ok(next) = requests.try_recv() else { break };
                bytes = bytes.saturating_add(size_of(&next.work));
                batch.push(next);
            }
            self.process(batch);
        }
    }

    fn process(&mut self, batch: Vec<Request>) {
        let mut pending = Pending::new(self.database);
        let mut unanswered = Unanswered::new();
        for Request {
            partition,
            work,
            answer,
            room,
        } in batch
        {
            let outcome = match work {
                Work::Create => pending.create(partition).map(|creation| match creation {
                    Creation::Done => Outcome::Done,
                    Creation::Removing => Outcome::Unfinished,
                }),
                Work::Commit(commit) => pending.apply(partition, commit).map(|result| match result {
                    Ok(()) => Outcome::Done,
                    Err(refused) => Outcome::Refused(refused),
                }),
                // A removal reads rows from the database, so the pending changes must be written first.
                Work::Remove => {
                    self.write(&pending, std::mem::take(&mut unanswered));
                    pending = Pending::new(self.database);
                    self.remove(partition)
                }
            };
            unanswered.push((answer, outcome, room));
        }
        self.write(&pending, unanswered);
    }

    fn remove(&mut self, partition: PartitionId) -> Result<Outcome> {
        if self.failure.is_some() {
            // `write` replaces this outcome by the failure.
            return Ok(Outcome::Unfinished);
        }
        match removal::step(self.database, self.removals, partition) {
            Ok(Progress::Done) => Ok(Outcome::Done),
            Ok(Progress::More) => Ok(Outcome::Unfinished),
            Err(error) => {
                self.fail(error.to_string());
                Err(error)
            }
        }
    }

    fn fail(&mut self, failure: String) {
        self.database.writability().set(Some(failure.clone()));
        self.failure = Some(failure);
    }

    /// Makes the changes durable and responds to their requests. Refusals are sent only now too, and replaced by the
    /// failure if the write fails: they may depend on a change of the same batch, which was then lost.
    fn write(&mut self, pending: &Pending<'_>, unanswered: Unanswered) {
        if self.failure.is_none()
            && !pending.changes().is_empty()
            && let Err(error) = self.database.write(pending.changes())
        {
            tracing::error!(%error, "the index accepts no more commits until it is opened again");
            self.fail(error.to_string());
        }
        for (answer, outcome, room) in unanswered {
            let outcome = match &self.failure {
                None => outcome,
                Some(failure) => Err(StoreError::failed(
                    "committing to the index",
                    format!("{failure}; the index accepts no more commits until it is opened again"),
                )),
            };
            // The caller may have stopped waiting. The commit has taken effect nevertheless.
            let _cancelled = answer.send(outcome);
            drop(room);
        }
    }
}
