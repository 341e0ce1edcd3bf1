//! LIST of objects and of versions.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::owner::BucketOwner;
use crate::model::version_name::VersionName;
use crate::object::walk::{Entry, Page, Scope, Step};
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{VersionRecord, VersionSummary};
use crate::version::head::Head;
use strongroom_rows::key as row_key;
use strongroom_seal::Mode;

#[cfg(test)]
mod tests;

/// Parameters of a listing of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListObjects {
    /// Keys to list.
    pub scope: Scope,
    /// Only keys and common prefixes after this one.
    pub after: String,
    /// Maximum number of keys and common prefixes.
    pub limit: usize,
}

/// Parameters of a listing of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListVersions {
    /// Keys to list.
    pub scope: Scope,
    /// Only keys and common prefixes after this one; with [`Self::after_version`] also this key.
    pub after: String,
    /// Only versions of the key [`Self::after`] after this one.
    pub after_version: Option<VersionName>,
    /// Maximum number of versions and common prefixes.
    pub limit: usize,
}

/// Listed object. Can be read without the object's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Key of the object.
    pub key: String,
    /// `ETag`, without quotes.
    pub etag: String,
    /// Plaintext bytes.
    pub length: u64,
    /// Time of the last modification, in microseconds since 1970.
    pub modified: u64,
    /// Mode of the object's encryption.
    pub mode: Mode,
    /// Account that owns the object.
    pub owner: BucketOwner,
}

impl ListedObject {
    fn of(bucket: &Bucket, key: String, summary: VersionSummary) -> Self {
        Self {
            key,
            mode: summary.mode(),
            owner: bucket.owner_of(summary.owner),
            etag: summary.etag,
            length: summary.length,
            modified: summary.modified,
        }
    }
}

/// Listed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVersion {
    /// Name of the version.
    pub version: VersionName,
    /// True if the version is the newest of its key.
    pub is_latest: bool,
    /// True if the version is a delete marker. Only key and time of `object` are meaningful then.
    pub is_marker: bool,
    /// Fields that versions share with objects.
    pub object: ListedObject,
}

impl Engine {
    /// Lists objects of a bucket in byte order of their keys. Older versions and delete markers add no cost.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_objects(&self, bucket: &str, list: &ListObjects) -> Result<Page<ListedObject>> {
        let bucket = self.bucket(bucket).await?;
        let from = list.scope.start(key::CURRENT, &list.after);
        let make = |step: Step<VersionSummary>| ListedObject::of(&bucket, step.object, step.record);
        self.walk(&bucket, key::CURRENT, &list.scope, from, list.limit, make)
            .await
    }

    /// Lists versions of a bucket in byte order of their keys, those of one key newest first.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_versions(&self, bucket: &str, list: &ListVersions) -> Result<Page<ListedVersion>> {
        let bucket = self.bucket(bucket).await?;
        let mut from = list.scope.start(key::VERSION, &list.after);
        // Last key whose newest version is before the next row: its further versions are not the newest.
        let mut latest_of = None;
        if let Some(name) = list.after_version {
            let id = match name {
                VersionName::Id(id) => Some(id),
                VersionName::Null => self.null_version(&bucket, &list.after).await?,
            };
            if let Some(id) = id
                && list.scope.common_prefix(&list.after).is_none()
            {
                from = row_key::after(&key::version(&list.after, id))
                    .max(key::of_key(key::VERSION, &list.scope.prefix));
                latest_of = match self.head(&bucket, &list.after).await? {
                    // The version that the page continues after may have been deleted; then the newest version comes
                    // after it.
                    Head::Current(found) | Head::Marker(found) if found.record.version > id => None,
                    _ => Some(list.after.clone()),
                };
            }
        }
        let make = |step: Step<VersionRecord>| {
            let is_latest = latest_of.as_ref() != Some(&step.object);
            if is_latest {
                latest_of = Some(step.object.clone());
            }
            ListedVersion {
                version: step.record.summary.name(),
                is_latest,
                is_marker: step.record.content.is_none(),
                object: ListedObject::of(&bucket, step.object, step.record.summary),
            }
        };
        self.walk(&bucket, key::VERSION, &list.scope, from, list.limit, make)
            .await
    }
}

/// Entry of a listing of objects; the next page continues after its name.
impl Entry<ListedObject> {
    /// Returns the key or the common prefix.
    pub fn name(&self) -> &str {
        match self {
            Self::Item(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}
