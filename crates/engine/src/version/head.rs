//! The head of a key: its newest version. Every commit that changes a key asks that its head is as it was found, so
//! that the versions of one key change one after the other.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::{Facts, NullRecord, VersionRecord};
use crate::rows::{Batch, Found, key};

/// The newest version of a key.
pub(crate) enum Head {
    /// There is none.
    None,
    /// An object.
    Current(Found<Facts>),
    /// A delete marker.
    Marker(Found<Facts>),
}

impl Head {
    /// The newest version, delete marker or not.
    pub(crate) fn newest(&self) -> Option<&Facts> {
        match self {
            Self::None => None,
            Self::Current(found) | Self::Marker(found) => Some(&found.record),
        }
    }

    /// The object that GET finds.
    pub(crate) fn current(&self) -> Option<&Facts> {
        match self {
            Self::Current(found) => Some(&found.record),
            Self::None | Self::Marker(_) => None,
        }
    }

    /// Adds to `batch` that this is still the head of `object`.
    pub(crate) fn expect(&self, batch: &mut Batch<'_>, object: &str) {
        match self {
            Self::None => {
                batch.expect::<Facts>(key::current(object), None);
                batch.expect::<Facts>(key::marker(object), None);
            }
            // There is never one of both: whoever writes the one row has taken the other away.
            Self::Current(found) => batch.expect(key::current(object), Some(found)),
            Self::Marker(found) => batch.expect(key::marker(object), Some(found)),
        }
    }

    /// Adds to `batch` that `facts` are the head from now on.
    pub(crate) fn replace(
        &self,
        batch: &mut Batch<'_>,
        object: &str,
        facts: Option<(&Facts, bool)>,
    ) -> Result<()> {
        let (current, marker) = (key::current(object), key::marker(object));
        let is_marker = facts.is_some_and(|(_, is_marker)| is_marker);
        match self {
            Self::Current(_) if facts.is_none() || is_marker => batch.delete(current.clone()),
            Self::Marker(_) if facts.is_none() || !is_marker => batch.delete(marker.clone()),
            _ => {}
        }
        match facts {
            Some((facts, true)) => batch.put(marker, facts),
            Some((facts, false)) => batch.put(current, facts),
            None => Ok(()),
        }
    }
}

impl Engine {
    /// The newest version of a key.
    pub(crate) async fn head(&self, bucket: &Bucket, object: &str) -> Result<Head> {
        if let Some(found) = self.rows.get(bucket.id, &key::current(object)).await? {
            return Ok(Head::Current(found));
        }
        let marker = self.rows.get(bucket.id, &key::marker(object)).await?;
        Ok(marker.map_or(Head::None, Head::Marker))
    }

    /// The version of a key with this id.
    pub(crate) async fn version(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
    ) -> Result<Option<Found<VersionRecord>>> {
        self.rows.get(bucket.id, &key::version(object, id)).await
    }

    /// The row of a key's null version while that is not the newest.
    pub(crate) async fn buried_null(
        &self,
        bucket: &Bucket,
        object: &str,
    ) -> Result<Option<Found<NullRecord>>> {
        self.rows.get(bucket.id, &key::null(object)).await
    }

    /// The version of a key that comes after the one with this id: the newest of the older ones.
    pub(crate) async fn next_older(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
    ) -> Result<Option<Found<VersionRecord>>> {
        let prefix = key::each_id_of_key(key::VERSION, object);
        let from = key::after(&key::version(object, id));
        // One look: what came of two could be two rows, and the commit would expect neither.
        let rows = self.rows.scan_found(bucket.id, &prefix, from, 1).await?;
        Ok(rows.into_iter().next().map(|(_, found)| found))
    }
}
