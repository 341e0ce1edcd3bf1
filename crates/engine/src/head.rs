//! The head of a key: its newest version. Every commit that changes a key asks that its head is as it was found, so
//! that the versions of one key change one after the other.

use crate::bucket::Bucket;
use crate::record::{Facts, NullRecord, VersionRecord, key};
use crate::rows::{Batch, Found};
use crate::{Engine, Result};
use bytes::Bytes;
use strongroom_store::Scan;

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
        let scan = Scan {
            prefix: key::each_id_of_key(key::VERSION, object),
            from: key::after(&key::version(object, id)),
            limit: 1,
        };
        let rows = self.rows.index.scan(bucket.id, scan).await?;
        let next: Option<Bytes> = rows.into_iter().next().map(|row| row.key);
        match next {
            Some(row) => self.rows.get(bucket.id, &row).await,
            None => Ok(None),
        }
    }
}
