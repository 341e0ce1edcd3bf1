//! DELETE of many objects in one request.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::object::delete::{Answer, DeleteObject, Deleted};
use crate::process::buckets_in_use::Bucket;
use crate::rows::Batch;
use futures::stream::{self, StreamExt as _};
use std::collections::{BTreeMap, HashSet};
use strongroom_store::index::FIRST_GENERATION;

/// The most rows that the commit of many deletions writes, but for those of the last object in it.
const MOST_WRITES: usize = 10_000;

/// How often the commit of many deletions is refused before each is made by itself: one refusal takes one key out.
const REFUSALS: usize = 8;

/// Deletions that are made by themselves at a time: they share syncs.
const AT_ONCE: usize = 32;

/// Deletions that one commit is to make.
struct Planned<'a> {
    batch: Batch<'a>,
    /// Garbage comes of them.
    garbage: bool,
    /// In the order of their checks in `batch`.
    deletions: Vec<PlannedDeletion>,
    /// What has to wait for another commit.
    later: Vec<usize>,
}

/// One of them.
struct PlannedDeletion {
    /// Its place among those that were asked for.
    at: usize,
    deleted: Deleted,
    /// Where its checks end.
    checks: usize,
}

impl Engine {
    /// Deletes many objects, in as few commits as there may be: one, unless a key comes twice or others write the same
    /// keys. What cannot be deleted does not keep the others. The outcomes come in the order asked.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Store`].
    pub async fn delete_objects(&self, bucket: &str, asked: &[DeleteObject]) -> Result<Vec<Result<Deleted>>> {
        let bucket = self.bucket(bucket).await?;
        let mut outcomes = BTreeMap::new();
        let mut left: Vec<usize> = (0..asked.len()).collect();
        let mut refusals = 0;
        while !left.is_empty() {
            let bucket = self.same_bucket(&bucket).await?;
            let Planned {
                batch,
                garbage,
                deletions,
                later,
            } = self.plan_deletions(&bucket, asked, left, &mut outcomes).await;
            left = later;
            match self.commit_deletion(&bucket, batch, garbage).await? {
                Answer::Done => {
                    let done = deletions.into_iter();
                    outcomes.extend(done.map(|planned| (planned.at, Ok(planned.deleted))));
                }
                Answer::Refused(check) => {
                    let first = deletions.partition_point(|planned| planned.checks <= check);
                    let mut alone: Vec<usize> = deletions.into_iter().map(|planned| planned.at).collect();
                    // Somebody else is at one of the keys. That one is dealt with by itself, so that it holds the others
                    // up no more, and these are looked at again: they may have changed as well.
                    if refusals < REFUSALS {
                        refusals += 1;
                        left.extend(alone.drain(..first));
                        left.extend(alone.drain(alone.len().min(1)..));
                        left.sort_unstable();
                    }
                    self.delete_alone(&bucket, asked, alone, &mut outcomes).await;
                }
            }
        }
        Ok(outcomes.into_values().collect())
    }

    /// Plans as many of the deletions `left` as one commit takes. What cannot be deleted has its outcome at once.
    async fn plan_deletions(
        &self,
        bucket: &Bucket,
        asked: &[DeleteObject],
        left: Vec<usize>,
        outcomes: &mut BTreeMap<usize, Result<Deleted>>,
    ) -> Planned<'_> {
        let mut planned = Planned {
            batch: self.rows.batch(bucket.id, FIRST_GENERATION),
            garbage: false,
            deletions: Vec::new(),
            later: Vec::new(),
        };
        let mut keys = HashSet::new();
        for at in left {
            let delete = &asked[at];
            // What is planned for a key goes by its head, and that changes once in a commit. And a commit has bounds:
            // each part of an object is two rows.
            if planned.batch.writes() > MOST_WRITES || !keys.insert(delete.key.as_str()) {
                planned.later.push(at);
                continue;
            }
            let mut of_key = self.rows.batch(bucket.id, FIRST_GENERATION);
            match self.plan_deletion(&mut of_key, bucket, delete).await {
                Ok((deleted, garbage)) => {
                    planned.batch.append(of_key);
                    planned.garbage |= garbage;
                    let checks = planned.batch.checks();
                    planned.deletions.push(PlannedDeletion { at, deleted, checks });
                }
                Err(error) => {
                    outcomes.insert(at, Err(error));
                }
            }
        }
        planned
    }

    /// Deletes each of these objects, of which no two have the same key, in a commit of its own.
    async fn delete_alone(
        &self,
        bucket: &Bucket,
        asked: &[DeleteObject],
        which: Vec<usize>,
        outcomes: &mut BTreeMap<usize, Result<Deleted>>,
    ) {
        let alone = stream::iter(which)
            .map(|at| async move { (at, self.delete_object(&bucket.name, &asked[at]).await) })
            .buffer_unordered(AT_ONCE);
        outcomes.extend(alone.collect::<Vec<_>>().await);
    }
}
