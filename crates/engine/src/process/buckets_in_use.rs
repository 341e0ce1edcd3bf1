//! Buckets in use, with their keys opened.

use crate::model::owner::BucketOwner;
use crate::model::settings::BucketSettings;
use crate::model::version_name::VersionName;
use crate::process::meters::BucketMeter;
use crate::rows::record::VersionSummary;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use strongroom_rows::Partition;
use strongroom_seal::{OuterKey, Place};
use strongroom_store::{BlobId, PartitionId};

/// Bucket in use, with its key opened.
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) rows: Partition,
    pub(crate) created: u64,
    pub(crate) owner: BucketOwner,
    pub(crate) key_id: String,
    pub(crate) key: OuterKey,
    pub(crate) settings: Arc<BucketSettings>,
    pub(crate) meter: Arc<BucketMeter>,
}

impl Bucket {
    /// Returns the id of the bucket: its partition.
    pub(crate) fn id(&self) -> PartitionId {
        self.rows.id()
    }

    /// Returns the id of the bucket's blob with this random part.
    pub(crate) fn blob(&self, random: [u8; 16]) -> BlobId {
        BlobId {
            partition: self.id(),
            random,
        }
    }

    /// Returns the name of a version for responses. `None`: versioning was never configured.
    pub(crate) fn version_name(&self, summary: &VersionSummary) -> Option<VersionName> {
        self.settings.versioning.map(|_| summary.name())
    }

    /// Returns the account that owns an object, given the owner in its row. While access control lists are disabled,
    /// everything belongs to the bucket's owner.
    pub(crate) fn owner_of(&self, stored: Option<BucketOwner>) -> BucketOwner {
        let stored = stored.filter(|_| self.settings.acls_enabled());
        stored.unwrap_or(self.owner)
    }

    /// Returns the place that a content's envelope is bound to.
    pub(crate) fn place<'a>(&self, object: &'a str, content: [u8; 16]) -> Place<'a> {
        Place {
            bucket: self.id().0,
            key: object,
            content,
        }
    }
}

/// Cache of the buckets that were used, with their keys opened.
#[derive(Default)]
pub(crate) struct BucketsInUse(RwLock<InUse>);

#[derive(Default)]
struct InUse {
    by_name: HashMap<String, Arc<Bucket>>,
    /// Number of removals so far. A lookup that began before the last removal may have found a bucket that is closed or
    /// changed.
    removals: u64,
}

impl BucketsInUse {
    /// Returns the bucket of this name. Else the value to pass to [`Self::add`] after the bucket was looked up.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<Bucket>, u64> {
        let in_use = self.0.read().unwrap_or_else(PoisonError::into_inner);
        in_use.by_name.get(name).cloned().ok_or(in_use.removals)
    }

    /// Adds a bucket that was looked up, unless any bucket was removed in the meantime.
    pub(crate) fn add(&self, bucket: &Arc<Bucket>, removals: u64) {
        let mut in_use = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if in_use.removals == removals {
            in_use.by_name.insert(bucket.name.clone(), Arc::clone(bucket));
        }
    }

    /// Removes a bucket that was closed or changed. A closed bucket is removed before its name is deleted, so that a
    /// new bucket of the same name cannot be mistaken for it.
    pub(crate) fn remove(&self, name: &str, id: PartitionId) {
        let mut in_use = self.0.write().unwrap_or_else(PoisonError::into_inner);
        in_use.removals += 1;
        if in_use.by_name.get(name).is_some_and(|b| b.id() == id) {
            in_use.by_name.remove(name);
        }
    }
}
