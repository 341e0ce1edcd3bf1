//! LIST of objects, and of versions.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::version_name::VersionName;
use crate::object::walk::{Entry, Page, Scope, Step};
use crate::rows::key;
use crate::rows::record::{Facts, VersionRecord};
use crate::version::head::Head;
use strongroom_seal::Mode;

#[cfg(test)]
mod tests;

/// Which objects to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListObjects {
    /// Which keys.
    pub scope: Scope,
    /// Only keys, and common prefixes, after this.
    pub after: String,
    /// How many keys and common prefixes at most.
    pub limit: usize,
}

/// Which versions to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListVersions {
    /// Which keys.
    pub scope: Scope,
    /// Only keys, and common prefixes, after this; with [`Self::after_version`] this key too.
    pub after: String,
    /// Only versions of the key [`Self::after`] that come after this one.
    pub after_version: Option<VersionName>,
    /// How many versions and common prefixes at most.
    pub limit: usize,
}

/// What a listing tells of an object. Needs no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// The object key.
    pub key: String,
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Plain bytes.
    pub length: u64,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// How it is encrypted.
    pub mode: Mode,
}

impl ListedObject {
    fn of(key: String, facts: Facts) -> Self {
        Self {
            key,
            mode: facts.mode(),
            etag: facts.etag,
            length: facts.length,
            modified: facts.modified,
        }
    }
}

/// What a listing tells of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVersion {
    /// Its name.
    pub version: VersionName,
    /// It is the newest of its key.
    pub is_latest: bool,
    /// It is a delete marker: of the object only key and time mean something.
    pub is_marker: bool,
    /// The rest.
    pub object: ListedObject,
}

impl Engine {
    /// Lists objects of a bucket in byte order of their keys. What older versions and delete markers there are costs
    /// nothing.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_objects(&self, bucket: &str, list: &ListObjects) -> Result<Page<ListedObject>> {
        let bucket = self.bucket(bucket).await?;
        let from = list.scope.start(key::CURRENT, &list.after);
        let make = |step: Step<Facts>| ListedObject::of(step.object, step.record);
        self.walk(&bucket, key::CURRENT, &list.scope, from, list.limit, make)
            .await
    }

    /// Lists versions of a bucket in byte order of their keys, those of a key newest first.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_versions(&self, bucket: &str, list: &ListVersions) -> Result<Page<ListedVersion>> {
        let bucket = self.bucket(bucket).await?;
        let mut from = list.scope.start(key::VERSION, &list.after);
        // The key whose newest version, if it comes at all, came before.
        let mut latest_of = None;
        if let Some(name) = list.after_version {
            let id = match name {
                VersionName::Id(id) => Some(id),
                VersionName::Null => self.null_version(&bucket, &list.after).await?,
            };
            if let Some(id) = id
                && list.scope.common_prefix(&list.after).is_none()
            {
                from = key::after(&key::version(&list.after, id))
                    .max(key::of_key(key::VERSION, &list.scope.prefix));
                latest_of = match self.head(&bucket, &list.after).await? {
                    // The one the page comes after may have gone, and then there is a newest one after it.
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
                version: step.record.facts.name(),
                is_latest,
                is_marker: step.record.content.is_none(),
                object: ListedObject::of(step.object, step.record.facts),
            }
        };
        self.walk(&bucket, key::VERSION, &list.scope, from, list.limit, make)
            .await
    }
}

/// An entry of a listing of objects: what the next page comes after.
impl Entry<ListedObject> {
    /// The key or the common prefix.
    pub fn name(&self) -> &str {
        match self {
            Self::Item(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}
