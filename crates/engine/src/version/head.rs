//! Head of a key: its newest version. Every commit that changes a key requires that its head is unchanged, so that
//! changes to the versions of one key are serialized.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::usage::Usage;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{NullRecord, VersionRecord, VersionSummary};
use strongroom_rows::key as row_key;
use strongroom_rows::{Batch, Found};

/// Newest version of a key.
pub(crate) enum Head {
    /// The key has no versions.
    None,
    /// The newest version is an object.
    Current(Found<VersionSummary>),
    /// The newest version is a delete marker.
    Marker(Found<VersionSummary>),
}

/// Version that becomes the head of its key.
#[derive(Clone, Copy)]
pub(crate) struct NewHead<'a> {
    pub(crate) summary: &'a VersionSummary,
    pub(crate) is_marker: bool,
}

impl Head {
    /// Returns the newest version, also if it is a delete marker.
    pub(crate) fn newest(&self) -> Option<&VersionSummary> {
        match self {
            Self::None => None,
            Self::Current(found) | Self::Marker(found) => Some(&found.record),
        }
    }

    /// Returns whether the newest version has this id.
    pub(crate) fn is(&self, version: [u8; 16]) -> bool {
        self.newest().is_some_and(|newest| newest.version == version)
    }

    /// Returns the object that GET finds.
    pub(crate) fn current(&self) -> Option<&VersionSummary> {
        match self {
            Self::Current(found) => Some(&found.record),
            Self::None | Self::Marker(_) => None,
        }
    }

    /// Requires in `batch` that this is still the head of `object`.
    pub(crate) fn expect(&self, batch: &mut Batch, object: &str) {
        match self {
            Self::None => {
                batch.expect::<VersionSummary>(key::current(object), None);
                batch.expect::<VersionSummary>(key::marker(object), None);
            }
            // Only one of the two rows exists at a time: writing one deletes the other.
            Self::Current(found) => batch.expect(key::current(object), Some(found)),
            Self::Marker(found) => batch.expect(key::marker(object), Some(found)),
        }
    }

    /// Makes `new` the head of `object`, in `batch`. `None`: the key has no versions left.
    pub(crate) fn replace(&self, batch: &mut Batch, object: &str, new: Option<NewHead<'_>>) -> Result<()> {
        let (current, marker) = (key::current(object), key::marker(object));
        let is_marker = new.is_some_and(|new| new.is_marker);
        match self {
            Self::Current(_) if new.is_none() || is_marker => batch.delete(current.clone()),
            Self::Marker(_) if new.is_none() || !is_marker => batch.delete(marker.clone()),
            _ => {}
        }
        if let Some(old) = self.current() {
            Usage::of_current(old).subtract_from(batch);
        }
        if let Some(new) = new {
            if !new.is_marker {
                Usage::of_current(new.summary).add_to(batch);
            }
            batch.put(if new.is_marker { marker } else { current }, new.summary)?;
        }
        Ok(())
    }
}

/// Returns the length of the object that a new version would replace for good. An older null version, which it would
/// replace too, is not looked up: it is known at the commit only.
pub(crate) fn replaced(bucket: &Bucket, head: &Head) -> Option<u64> {
    let newest = head.current()?;
    (newest.null && !bucket.settings.keeps_versions()).then_some(newest.length)
}

impl Engine {
    /// Returns the newest version of a key.
    pub(crate) async fn head(&self, bucket: &Bucket, object: &str) -> Result<Head> {
        if let Some(found) = bucket.rows.get(&key::current(object)).await? {
            return Ok(Head::Current(found));
        }
        let marker = bucket.rows.get(&key::marker(object)).await?;
        Ok(marker.map_or(Head::None, Head::Marker))
    }

    /// Returns the version of a key with this id.
    pub(crate) async fn version(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
    ) -> Result<Option<Found<VersionRecord>>> {
        Ok(bucket.rows.get(&key::version(object, id)).await?)
    }

    /// Returns the row of a key's null version while that is not the newest.
    pub(crate) async fn buried_null(
        &self,
        bucket: &Bucket,
        object: &str,
    ) -> Result<Option<Found<NullRecord>>> {
        Ok(bucket.rows.get(&key::null(object)).await?)
    }

    /// Returns the version of a key that is next older than the one with this id.
    pub(crate) async fn next_older(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
    ) -> Result<Option<Found<VersionRecord>>> {
        let prefix = key::each_id_of_key(key::VERSION, object);
        let from = row_key::after(&key::version(object, id));
        // A single read: two could return two different rows, and the commit would expect neither.
        let rows = bucket.rows.scan(&prefix, from, 1).await?;
        Ok(rows.into_iter().next().map(|(_, found)| found))
    }
}
