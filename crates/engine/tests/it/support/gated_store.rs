//! A store whose calls complete even if the caller is cancelled, as on a thread or another server, and can be held up.

use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use strongroom_store::{
    Admission, BlobId, BlobReader, BlobWriter, Blobs, Commit, CommitRefused, Contents, Counter, Index,
    LostBlob, PartitionId, Result, Row, Scan, Store, StoreError, WrittenBlob,
};
use tokio::sync::{mpsc, oneshot, watch};

/// The gates of a store, by the calls that wait at them.
#[derive(Clone)]
pub(crate) struct Gates {
    /// Passed before a blob is finished.
    pub(crate) blobs: Gate,
    /// Passed before a commit; commits run one after another.
    pub(crate) commits: Gate,
    /// Passed after a generation was read.
    pub(crate) generations: Gate,
}

impl Gates {
    /// Returns gates that are all open.
    pub(crate) fn open() -> Self {
        Self {
            blobs: Gate::new(),
            commits: Gate::new(),
            generations: Gate::new(),
        }
    }

    /// Wraps the store in these gates.
    pub(crate) fn before(&self, store: Store) -> Store {
        let (queue, mut queued) = mpsc::unbounded_channel::<Queued>();
        let (index, gate) = (Arc::clone(&store.index), self.commits.clone());
        tokio::spawn(async move {
            while let Some((partition, commit, answer)) = queued.recv().await {
                gate.pass().await;
                let _gone = answer.send(index.commit(partition, commit).await);
            }
        });
        Store {
            blobs: Arc::new(GatedBlobs {
                inner: store.blobs,
                gate: self.blobs.clone(),
            }),
            index: Arc::new(GatedIndex {
                inner: store.index,
                queue,
                generations: self.generations.clone(),
            }),
            ..store
        }
    }
}

/// A point where calls wait while it is closed.
#[derive(Clone)]
pub(crate) struct Gate {
    open: Arc<watch::Sender<bool>>,
    waiting: Arc<watch::Sender<usize>>,
    /// Number of further calls that the closed gate holds.
    holds: Arc<AtomicUsize>,
}

impl Gate {
    fn new() -> Self {
        Self {
            open: Arc::new(watch::Sender::new(true)),
            waiting: Arc::new(watch::Sender::new(0)),
            holds: Arc::default(),
        }
    }

    pub(crate) fn close(&self) {
        self.close_for(usize::MAX);
    }

    /// Holds the next `count` calls only; later ones pass.
    pub(crate) fn close_for(&self, count: usize) {
        self.holds.store(count, Ordering::SeqCst);
        self.open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until a call waits at the closed gate.
    pub(crate) async fn reached(&self) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    async fn pass(&self) {
        let mut open = self.open.subscribe();
        let one_less = |left: usize| left.checked_sub(1);
        let held = self
            .holds
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        if *open.borrow() || held.is_err() {
            return;
        }
        self.waiting.send_modify(|waiting| *waiting += 1);
        open.wait_for(|open| *open).await.unwrap();
        self.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

type Answer = Result<Result<(), CommitRefused>>;
type Queued = (PartitionId, Commit, oneshot::Sender<Answer>);

struct GatedIndex {
    inner: Arc<dyn Index>,
    queue: mpsc::UnboundedSender<Queued>,
    generations: Gate,
}

#[async_trait]
impl Index for GatedIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.inner.create_partition(partition).await
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        let found = self.inner.generation(partition).await;
        self.generations.pass().await;
        found
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.inner.remove_partition(partition).await
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        self.inner.get(partition, key).await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        self.inner.scan(partition, scan).await
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.inner.counter(partition, counter).await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        self.inner.contents(partition).await
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue
            .send((partition, commit, answer))
            .map_err(|_| StoreError::Closing)?;
        answered.await.map_err(|_| StoreError::Closing)?
    }
}

struct GatedBlobs {
    inner: Arc<dyn Blobs>,
    gate: Gate,
}

#[async_trait]
impl Blobs for GatedBlobs {
    async fn admit(&self, bytes: u64) -> Result<Admission> {
        self.inner.admit(bytes).await
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(GatedWriter {
            inner: self.inner.create(id).await?,
            gate: self.gate.clone(),
        }))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        self.inner.open(id).await
    }

    async fn sync_deletions(&self) -> Result<()> {
        self.inner.sync_deletions().await
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        self.inner.delete(id).await
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        self.inner.list(after, limit).await
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        self.inner.scrub(id).await
    }

    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64> {
        self.inner.set_aside(id, now).await
    }

    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>> {
        self.inner.list_lost(after, limit).await
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        self.inner.restore_lost(id).await
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        self.inner.delete_lost(id).await
    }
}

struct GatedWriter {
    inner: Box<dyn BlobWriter>,
    gate: Gate,
}

#[async_trait]
impl BlobWriter for GatedWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.inner.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<WrittenBlob> {
        let finishing = tokio::spawn(async move {
            let Self { inner, gate } = *self;
            gate.pass().await;
            inner.finish().await
        });
        finishing.await.map_err(|_| StoreError::Closing)?
    }
}

/// A request in progress, cancelled when this is dropped.
pub(crate) struct InFlight<T>(tokio::task::JoinHandle<T>);

impl<T: Send + 'static> InFlight<T> {
    pub(crate) fn start(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Cancels the request at its current await point.
    pub(crate) async fn give_up(mut self) {
        self.0.abort();
        let ended = (&mut self.0).await;
        assert!(ended.is_err(), "the request had already completed");
    }

    pub(crate) async fn end(mut self) -> T {
        (&mut self.0).await.unwrap()
    }
}

impl<T> Deref for InFlight<T> {
    type Target = tokio::task::JoinHandle<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> Drop for InFlight<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
