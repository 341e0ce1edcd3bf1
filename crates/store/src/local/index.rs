//! Rows in the embedded database.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Contents, Counter, Index, Row, Scan};
use crate::integrity::{CommitHead, Integrity};
use crate::local::blocking;
use crate::local::committer::{Committer, Outcome, Targets, Work};
use crate::local::directory::Directory;
use crate::local::history::{self, History};
use crate::local::io_error;
use crate::local::log::Head;
use crate::local::mark::MarkKeeper;
use crate::local::recover::Recovered;
use crate::local::removal::{self, Removals};
use crate::local::row_reader::RowReader;
use crate::local::upkeep::Upkeep;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Number of segments of the log from which on the index is flushed when it is opened: each opening adds a segment.
const MANY_SEGMENTS: usize = 4;

pub(super) struct LocalIndex {
    // Declared first, so that its thread stops before those that it uses.
    committer: Committer,
    upkeep: Arc<Upkeep>,
    mark: Arc<MarkKeeper>,
    authenticator: Arc<dyn Authenticator>,
    rows: RowReader,
    // Last, so that the directory stays locked until everything above is closed.
    directory: Arc<Directory>,
}

impl LocalIndex {
    /// Opens the index of a recovered store. Continues the removals of partitions that a crash interrupted.
    pub(super) fn new(recovered: Recovered, history: Option<Arc<History>>) -> Result<Self> {
        let Recovered {
            database,
            log,
            mark,
            listed,
            authenticator,
            directory,
        } = recovered;
        let interrupted = removal::interrupted(&database)?;
        let removals = Arc::<Removals>::default();
        let segments = Arc::clone(log.segments());
        let head = log.head();
        let upkeep = Upkeep::start(
            &database,
            &authenticator,
            &directory,
            &segments,
            &mark,
            history,
            listed,
        )?;
        let upkeep = Arc::new(upkeep);
        if segments.count() > MANY_SEGMENTS {
            upkeep.rotate(head);
        }
        let committer = Committer::start(Targets {
            database: Arc::clone(&database),
            removals: Arc::clone(&removals),
            log,
            upkeep: Arc::clone(&upkeep),
            mark: Arc::clone(&mark),
            authenticator: Arc::clone(&authenticator),
            directory: Arc::clone(&directory),
        })?;
        for partition in interrupted {
            tracing::info!(%partition, "continuing the removal of a partition");
            let removal = async {
                while committer.ask(partition, Work::Remove).await? == Outcome::Unfinished {}
                Ok::<_, StoreError>(())
            };
            // The index is opened on a blocking thread.
            Handle::current().block_on(removal)?;
        }
        Ok(Self {
            committer,
            upkeep,
            mark,
            authenticator,
            rows: RowReader::new(&database, &removals),
            directory,
        })
    }
}

impl LocalIndex {
    pub(super) fn upkeep(&self) -> &Arc<Upkeep> {
        &self.upkeep
    }
}

#[async_trait]
impl Integrity for LocalIndex {
    async fn check_rows(&self, partition: PartitionId) -> Result<u64> {
        self.rows.check(partition, &self.authenticator).await
    }

    async fn check_files(&self) -> Result<()> {
        let upkeep = Arc::clone(&self.upkeep);
        let (authenticator, directory) = (Arc::clone(&self.authenticator), Arc::clone(&self.directory));
        blocking::run("checking the files of the index".to_owned(), move || {
            upkeep.scrub()?;
            history::check(&directory.layout, directory.format.into(), &*authenticator)
        })
        .await
    }

    fn head(&self) -> Option<CommitHead> {
        let Head { number, chain } = self.mark.mark().head;
        Some(CommitHead {
            timeline: self.directory.format.timeline,
            number,
            chain,
        })
    }

    fn allowed_orphans(&self) -> u64 {
        self.mark.mark().orphans
    }

    async fn allow_orphans(&self, number: u64) -> Result<()> {
        let mark = Arc::clone(&self.mark);
        let doing = "writing the mark of the store".to_owned();
        // Here, so that calls take effect in their order.
        let change = mark.allow_orphans(number);
        blocking::run(doing.clone(), move || {
            mark.wait_for(change)
                .map_err(|error| io_error::failed(doing, error))
        })
        .await
    }

    async fn ended(&self) -> StoreError {
        let thread = self.directory.failure.wait().await;
        StoreError::failed("working on the index", format!("its thread {thread} panicked"))
    }
}

#[async_trait]
impl Index for LocalIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        while self.committer.ask(partition, Work::Create).await? == Outcome::Unfinished {
            self.remove_partition(partition).await?;
        }
        Ok(())
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.rows.generation(partition).await
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        while self.committer.ask(partition, Work::Remove).await? == Outcome::Unfinished {}
        Ok(())
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        self.rows.get(partition, key).await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        self.rows.scan(partition, scan).await
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.rows.counter(partition, counter).await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        Ok(self.rows.contents(partition))
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        Ok(match self.committer.ask(partition, Work::Commit(commit)).await? {
            Outcome::Refused(refused) => Err(refused),
            Outcome::Done | Outcome::Unfinished => Ok(()),
        })
    }
}
