//! DELETE of many objects in one request.

use crate::bucket::commit::Attempt;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::object::delete::{DeleteObject, Deleted};
use crate::process::buckets_in_use::Bucket;
use futures::stream::{self, StreamExt as _};
use std::collections::{BTreeMap, HashSet};
use strongroom_rows::Batch;
use strongroom_store::StoreError;

/// Maximum number of rows that one commit of deletions writes, not counting those of its last object.
const MAX_WRITES: usize = 10_000;

/// Number of refused commits after which each deletion gets a commit of its own. Each refusal removes one key from the
/// batch.
const REFUSALS: usize = 8;

/// Deletions in commits of their own that run concurrently: they share syncs.
const AT_ONCE: usize = 32;

/// Deletions planned for one commit.
struct Planned {
    batch: Batch,
    /// True if they create garbage.
    garbage: bool,
    /// Deletions in the order of their checks in `batch`.
    deletions: Vec<PlannedDeletion>,
    /// Indices of deletions that have to wait for another commit.
    later: Vec<usize>,
}

/// Deletion planned for a commit.
struct PlannedDeletion {
    /// Index in the request.
    at: usize,
    deleted: Deleted,
    /// End of its checks in `batch`.
    checks: usize,
}

impl Engine {
    /// Deletes many objects in as few commits as possible: one, unless a key is listed twice or others write the same
    /// keys. A failed deletion does not stop the others. Returns the results in the order of the request.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`]; [`crate::Error::Store`] if the first commit fails. If a later one fails, each of its
    /// deletions has the error as its result.
    pub async fn delete_objects(
        &self,
        bucket: &str,
        requests: &[DeleteObject],
    ) -> Result<Vec<Result<Deleted>>> {
        let bucket = self.bucket(bucket).await?;
        let mut outcomes = BTreeMap::new();
        let mut left: Vec<usize> = (0..requests.len()).collect();
        let mut refusals = 0;
        while !left.is_empty() {
            let bucket = self.same_bucket(&bucket).await?;
            let Planned {
                batch,
                garbage,
                deletions,
                later,
            } = self.plan_deletions(&bucket, requests, left, &mut outcomes).await;
            left = later;
            let attempt = match self.commit_deletion(&bucket, batch, garbage).await {
                Ok(attempt) => attempt,
                // Earlier commits took effect, and the caller must learn which deletions they made.
                Err(error) if outcomes.values().any(Result::is_ok) => {
                    let reason = error.to_string();
                    let failed = deletions.iter().map(|planned| planned.at).chain(left);
                    outcomes.extend(failed.map(|at| {
                        let failed = StoreError::failed("committing deletions", reason.clone());
                        (at, Err(Error::Store(failed)))
                    }));
                    break;
                }
                Err(error) => return Err(error),
            };
            match attempt {
                Attempt::Done => {
                    let done = deletions.into_iter();
                    outcomes.extend(done.map(|planned| (planned.at, Ok(planned.deleted))));
                }
                Attempt::Stale(check) => {
                    let first = deletions.partition_point(|planned| planned.checks <= check);
                    let mut alone: Vec<usize> = deletions.into_iter().map(|planned| planned.at).collect();
                    // Another request writes one of the keys. Delete that one in its own commit, so that it delays
                    // the others no longer, and plan the others again: they may have changed too.
                    if refusals < REFUSALS {
                        refusals += 1;
                        left.extend(alone.drain(..first));
                        left.extend(alone.drain(alone.len().min(1)..));
                        left.sort_unstable();
                    }
                    self.delete_alone(&bucket, requests, alone, &mut outcomes).await;
                }
            }
        }
        Ok(outcomes.into_values().collect())
    }

    /// Plans as many of the deletions `left` as fit into one commit. Failed ones get their result at once.
    async fn plan_deletions(
        &self,
        bucket: &Bucket,
        requests: &[DeleteObject],
        left: Vec<usize>,
        outcomes: &mut BTreeMap<usize, Result<Deleted>>,
    ) -> Planned {
        let mut planned = Planned {
            batch: bucket.rows.batch(),
            garbage: false,
            deletions: Vec::new(),
            later: Vec::new(),
        };
        let mut keys = HashSet::new();
        for at in left {
            let delete = &requests[at];
            // A deletion depends on the head of its key, which can change only once in a commit. The size of a commit
            // is limited too: each part of an object is two rows.
            if planned.batch.writes() > MAX_WRITES || !keys.insert(delete.key.as_str()) {
                planned.later.push(at);
                continue;
            }
            let mut of_key = bucket.rows.batch();
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

    /// Deletes each of these objects in a commit of its own. No two have the same key.
    async fn delete_alone(
        &self,
        bucket: &Bucket,
        requests: &[DeleteObject],
        which: Vec<usize>,
        outcomes: &mut BTreeMap<usize, Result<Deleted>>,
    ) {
        let alone = stream::iter(which)
            .map(|at| async move { (at, self.delete_object(&bucket.name, &requests[at]).await) })
            .buffer_unordered(AT_ONCE);
        outcomes.extend(alone.collect::<Vec<_>>().await);
    }
}
