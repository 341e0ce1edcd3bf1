//! The only thread that changes the index. It applies all waiting commits in order, makes them durable with one sync,
//! and then responds to all of them: the more commits arrive at once, the less each costs.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Write};
use crate::local::database::Database;
use crate::local::directory::Directory;
use crate::local::io_error;
use crate::local::log::{Changes, LogWriter};
use crate::local::mark::MarkKeeper;
use crate::local::pending::{Creation, Pending};
use crate::local::removal::{self, Progress, Removals};
use crate::local::upkeep::Upkeep;
use crate::local::vital;
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

/// Number of changes that are judged together. A scan steps over as many deletions in about a millisecond.
const MANY_CHANGES: usize = 5000;

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
    pub(super) fn start(targets: Targets) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let failure = Arc::clone(&targets.directory.failure);
        let thread = vital::spawn("index-committer", &failure, move || {
            let batches = Batches {
                targets,
                is_failing: false,
                recent: Recent::default(),
            };
            batches.run(receiver);
        })?;
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
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            let _panicked = thread.join();
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

/// Everything that the thread changes.
pub(super) struct Targets {
    pub(super) database: Arc<Database>,
    pub(super) removals: Arc<Removals>,
    pub(super) log: LogWriter,
    pub(super) upkeep: Arc<Upkeep>,
    pub(super) mark: Arc<MarkKeeper>,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) directory: Arc<Directory>,
}

/// State of the thread.
struct Batches {
    targets: Targets,
    /// The last group could not be appended to the log.
    is_failing: bool,
    recent: Recent,
}

/// Changes since the write buffer was last judged by them.
#[derive(Default)]
struct Recent {
    changes: usize,
    deletions: usize,
}

impl Recent {
    /// Counts the changes of a group. Returns whether the write buffer should be flushed because of its deletions, over
    /// which scans must step until they are merged with the tables: if most of many recent changes are deletions.
    fn are_mostly_deletions(&mut self, changes: &Changes) -> bool {
        self.changes += changes.len();
        self.deletions += changes.values().filter(|value| value.is_none()).count();
        if self.changes < MANY_CHANGES {
            return false;
        }
        let are_mostly_deletions = self.deletions * 2 >= self.changes;
        *self = Self::default();
        are_mostly_deletions
    }
}

impl Batches {
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
        let database = Arc::clone(&self.targets.database);
        let mut pending = Pending::new(&database);
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
                    self.write(pending, std::mem::take(&mut unanswered));
                    pending = Pending::new(&database);
                    self.remove(partition)
                }
            };
            unanswered.push((answer, outcome, room));
        }
        self.write(pending, unanswered);
    }

    fn remove(&mut self, partition: PartitionId) -> Result<Outcome> {
        let database = Arc::clone(&self.targets.database);
        let step = removal::step(&database, partition)?;
        if !step.changes.is_empty() {
            let mut pending = Pending::new(&database);
            pending.extend(step.changes);
            self.commit(pending)?;
        }
        self.targets.removals.record(partition, step.progress);
        Ok(match step.progress {
            Progress::Done => Outcome::Done,
            Progress::More => Outcome::Unfinished,
        })
    }

    /// Makes the changes durable and responds to their requests. Refusals are sent only now too, and replaced by the
    /// failure if the write fails: they may depend on a change of the same batch, which was then lost.
    fn write(&mut self, pending: Pending<'_>, unanswered: Unanswered) {
        let failure = self.commit(pending).err();
        for (answer, outcome, room) in unanswered {
            let outcome = match &failure {
                None => outcome,
                Some(failure) => Err(failure.for_another("committing to the index")),
            };
            // The caller may have stopped waiting. The commit has taken effect nevertheless.
            let _cancelled = answer.send(outcome);
            drop(room);
        }
    }

    /// Appends the changes to the log, makes them durable, and applies them to the index. After an error nothing changed.
    fn commit(&mut self, pending: Pending<'_>) -> Result<()> {
        let Some((commits, changes)) = pending.finish(&*self.targets.authenticator)? else {
            return Ok(());
        };
        self.targets.upkeep.wait_for_room()?;
        let appended = self.targets.log.append(commits, &changes);
        match &appended {
            Ok(_) if self.is_failing => tracing::info!("the index accepts commits again"),
            Err(error) if !self.is_failing => {
                tracing::error!(alarm = "store", %error, "cannot append to the commit log; the next commit tries again");
            }
            _ => {}
        }
        self.is_failing = appended.is_err();
        self.targets
            .directory
            .writability
            .set(appended.as_ref().err().map(ToString::to_string));
        let numbers = appended.map_err(|error| io_error::failed("appending to the commit log", error))?;
        let mostly_deletions = self.recent.are_mostly_deletions(&changes);
        self.targets.database.apply(changes, numbers.last);
        let head = self.targets.log.head();
        if self.targets.database.is_buffer_full() || mostly_deletions {
            self.targets.upkeep.rotate(head);
        }
        self.targets.mark.acknowledged(head);
        Ok(())
    }
}
