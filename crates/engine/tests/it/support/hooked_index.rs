//! An index that runs given work between two of its calls, so that races are deterministic.

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};
use strongroom_store::{
    Commit, CommitRefused, Contents, Counter, Index, PartitionId, Result, Row, Scan, Store,
};

/// The call after which a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// `get` of a row of this kind, found or not.
    Get(&'static str),
    /// `scan` of rows of this kind.
    Scan(&'static str),
}

/// The hooks that have not run yet; each runs once.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Arc<Mutex<Vec<Hook>>>);

struct Hook {
    after: After,
    /// Number of such calls to skip first.
    left: usize,
    work: BoxFuture<'static, ()>,
}

impl Hooks {
    /// Wraps the store in these hooks.
    pub(crate) fn over(&self, store: Store) -> Store {
        Store {
            index: Arc::new(Hooked {
                inner: store.index,
                hooks: self.clone(),
            }),
            ..store
        }
    }

    /// Runs `work` after the `nth` such call from now (1 is the next), before its caller continues.
    pub(crate) fn on(&self, after: After, nth: usize, work: impl Future<Output = ()> + Send + 'static) {
        let hook = Hook {
            after,
            left: nth - 1,
            work: work.boxed(),
        };
        self.0.lock().unwrap().push(hook);
    }

    /// Returns whether all hooks have run.
    pub(crate) fn all_done(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }

    async fn called(&self, is_meant: impl Fn(After) -> bool) {
        let due: Vec<_> = {
            let mut hooks = self.0.lock().unwrap();
            for hook in hooks.iter_mut().filter(|hook| is_meant(hook.after)) {
                hook.left = hook.left.wrapping_sub(1);
            }
            let (due, left) = std::mem::take(&mut *hooks)
                .into_iter()
                .partition(|hook| hook.left == usize::MAX);
            *hooks = left;
            due
        };
        for hook in due {
            hook.work.await;
        }
    }
}

struct Hooked {
    inner: Arc<dyn Index>,
    hooks: Hooks,
}

#[async_trait]
impl Index for Hooked {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.inner.create_partition(partition).await
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.inner.generation(partition).await
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.inner.remove_partition(partition).await
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        let got = self.inner.get(partition, key).await;
        let meant = |after| matches!(after, After::Get(word) if key.starts_with(word.as_bytes()));
        self.hooks.called(meant).await;
        got
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        let prefix = scan.prefix.clone();
        let rows = self.inner.scan(partition, scan).await;
        let meant = |after| matches!(after, After::Scan(word) if prefix.starts_with(word.as_bytes()));
        self.hooks.called(meant).await;
        rows
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.inner.counter(partition, counter).await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        self.inner.contents(partition).await
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        self.inner.commit(partition, commit).await
    }
}
