//! The one thread that changes the index. It takes all commits that wait, applies them in order, makes them durable
//! by one sync, and then answers them all: the more commits come at once, the less each costs.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Write};
use crate::local::database::Database;
use crate::local::pending::{Creation, Pending};
use crate::local::removal::{self, Progress, Removals};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// Commits that may wait for the thread.
const QUEUE: usize = 1024;

/// Bytes of keys and values in commits that wait or are being made durable.
const QUEUE_BYTES: u32 = 16 << 20;

/// Commits in one batch at most: bounds how long the first of them waits.
const BATCH: usize = 512;

/// Bytes in one batch, after which no further commit is taken into it.
const BATCH_BYTES: u32 = 4 << 20;

/// A change to a partition.
pub(super) enum Work {
    Create,
    Remove,
    Commit(Commit),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Refused(CommitRefused),
    /// A partition still has rows to be removed: ask again.
    Unfinished,
}

struct Request {
    partition: PartitionId,
    work: Work,
    answer: oneshot::Sender<Result<Outcome>>,
    /// Its share of [`QUEUE_BYTES`], given back when it was answered.
    room: OwnedSemaphorePermit,
}

/// The way to the thread. Dropping it ends the thread, after it has answered everything that waits.
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
            .map_err(|error| StoreError::failed("starting the index's committer", error))?;
        let room = Arc::new(Semaphore::new(QUEUE_BYTES as usize));
        Ok(Self {
            requests: Some(sender),
            room,
            thread: Some(thread),
        })
    }

    /// Hands over a change and waits until it is durable. A caller that gives up may still see it take effect.
    pub(super) async fn ask(&self, partition: PartitionId, work: Work) -> Result<Outcome> {
        let ended = || StoreError::failed("committing to the index", "its committer has ended");
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
            tracing::error!("the index's committer has panicked");
        }
    }
}

/// Bytes a request holds, at most as many as all may hold together.
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

/// Requests applied but not answered.
type Unanswered = Vec<(
    oneshot::Sender<Result<Outcome>>,
    Result<Outcome>,
    OwnedSemaphorePermit,
)>;

/// The thread's side.
struct Batches<'a> {
    database: &'a Database,
    removals: &'a Removals,
    /// Set when the database could not be written. What then lies on the disk is unknown, so nothing may be built
    /// on it before it was opened anew.
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
                // It looks at rows in the database itself, so what is pending must be there.
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
            // Answered with the failure, as everything is from now on.
            return Ok(Outcome::Unfinished);
        }
        match removal::step(self.database, self.removals, partition) {
            Ok(Progress::Done) => Ok(Outcome::Done),
            Ok(Progress::More) => Ok(Outcome::Unfinished),
            Err(error) => {
                self.failure = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Makes the changes durable and answers. A refusal too is answered only now, and not at all when this fails:
    /// it may rest on a change that never came to be.
    fn write(&mut self, pending: &Pending<'_>, unanswered: Unanswered) {
        if self.failure.is_none()
            && !pending.changes().is_empty()
            && let Err(error) = self.database.write(pending.changes())
        {
            tracing::error!(%error, "the index takes no more commits until it is opened again");
            self.failure = Some(error.to_string());
        }
        for (answer, outcome, room) in unanswered {
            let outcome = match &self.failure {
                None => outcome,
                Some(failure) => Err(StoreError::failed(
                    "committing to the index",
                    format!("{failure}; it takes no more commits until it is opened again"),
                )),
            };
            // Who asked may have gone; the commit stands all the same.
            let _gone = answer.send(outcome);
            drop(room);
        }
    }
}
