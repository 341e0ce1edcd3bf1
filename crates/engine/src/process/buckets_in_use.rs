//! Buckets in use, with their keys opened.

use crate::model::settings::BucketSettings;
use crate::model::version_name::VersionName;
use crate::rows::record::Facts;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use strongroom_seal::{OuterKey, Place};
use strongroom_store::PartitionId;

/// A bucket in use, its key opened.
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) id: PartitionId,
    pub(crate) created: u64,
    pub(crate) key_id: String,
    pub(crate) key: OuterKey,
    pub(crate) settings: Arc<BucketSettings>,
}

impl Bucket {
    /// The name of a version in answers; none while the bucket never kept versions.
    pub(crate) fn tell(&self, facts: &Facts) -> Option<VersionName> {
        self.settings.versioning.map(|_| facts.name())
    }

    /// The place of a content's envelope.
    pub(crate) fn place<'a>(&self, object: &'a str, content: [u8; 16]) -> Place<'a> {
        Place {
            bucket: self.id.0,
            key: object,
            content,
        }
    }
}

/// Buckets that were used, with their keys opened.
#[derive(Default)]
pub(crate) struct BucketsInUse(RwLock<InUse>);

#[derive(Default)]
struct InUse {
    by_name: HashMap<String, Arc<Bucket>>,
    /// How often one was taken out. Who looked a bucket up before the last time may have found one that is gone.
    taken_out: u64,
}

impl BucketsInUse {
    /// The bucket of this name, or what to hand to [`Self::add`] when it has been looked up.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<Bucket>, u64> {
        let in_use = self.0.read().unwrap_or_else(PoisonError::into_inner);
        in_use.by_name.get(name).cloned().ok_or(in_use.taken_out)
    }

    /// Adds a bucket that was looked up, unless any was taken out meanwhile.
    pub(crate) fn add(&self, bucket: &Arc<Bucket>, taken_out: u64) {
        let mut in_use = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if in_use.taken_out == taken_out {
            in_use.by_name.insert(bucket.name.clone(), Arc::clone(bucket));
        }
    }

    /// Takes out a bucket that is closed, or has changed. This comes before a closed one's name goes, so that none made
    /// later under its name can be mistaken for it.
    pub(crate) fn take_out(&self, name: &str, id: PartitionId) {
        let mut in_use = self.0.write().unwrap_or_else(PoisonError::into_inner);
        in_use.taken_out += 1;
        if in_use.by_name.get(name).is_some_and(|b| b.id == id) {
            in_use.by_name.remove(name);
        }
    }
}
