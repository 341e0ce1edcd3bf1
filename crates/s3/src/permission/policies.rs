//! Policies of buckets, read once and kept as long as the settings they stand in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_access::policy::Policy;
use strongroom_engine::settings::BucketSettings;

/// The most policies that are kept.
const MOST: usize = 1024;

/// A policy that was read; `Err`: it is stored and cannot be.
type ReadPolicy = Result<Arc<Policy>, ()>;

/// Policies that were read.
#[derive(Default)]
pub(super) struct Policies(Mutex<HashMap<String, (Arc<BucketSettings>, ReadPolicy)>>);

impl Policies {
    /// The policy of a bucket; `None`: it has none.
    pub(super) fn of(&self, bucket: &str, settings: &Arc<BucketSettings>) -> Option<ReadPolicy> {
        let text = settings.policy.as_deref()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, policy)) = kept.get(bucket)
            && Arc::ptr_eq(of, settings)
        {
            return Some(policy.clone());
        }
        let policy = Policy::parse(text, bucket).map(Arc::new).map_err(|error| {
            tracing::error!(bucket, %error, "the stored policy cannot be read: nobody may use the bucket until it is replaced");
        });
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(bucket.to_owned(), (Arc::clone(settings), policy.clone()));
        Some(policy)
    }
}
