//! All versions of a bucket, page by page, for work that goes through all of them.

use crate::bucket::Bucket;
use crate::record::{ContentRecord, VersionRecord, key};
use crate::version::VersionName;
use crate::{Engine, Result};
use bytes::Bytes;
use std::sync::Arc;

/// Versions read at a time.
const PAGE: usize = 500;

/// Goes through the versions of a bucket in the order of their keys. What is written meanwhile may be among them or not.
pub(crate) struct EveryVersion {
    bucket: Arc<Bucket>,
    prefix: Bytes,
    from: Option<Bytes>,
}

/// A version that was found.
pub(crate) struct StoredVersion {
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    /// Its record, if that can be read.
    pub(crate) record: Result<VersionRecord>,
}

impl EveryVersion {
    /// Of the keys that begin with `prefix`.
    pub(crate) fn of(bucket: &Arc<Bucket>, prefix: &str) -> Self {
        let prefix = key::of_key(key::VERSION, prefix);
        Self {
            bucket: Arc::clone(bucket),
            from: Some(prefix.clone()),
            prefix,
        }
    }

    /// The next of them; none: these were all.
    pub(crate) async fn page(&mut self, engine: &Engine) -> Result<Option<Vec<StoredVersion>>> {
        let Some(from) = self.from.take() else {
            return Ok(None);
        };
        let rows = engine
            .rows
            .scan_each::<VersionRecord>(self.bucket.id, &self.prefix, from, PAGE)
            .await?;
        if rows.len() == PAGE {
            self.from = rows.last().map(|(row, _)| key::after(row));
        }
        let versions = rows.into_iter().filter_map(|(row, record)| {
            let (object, id) = key::object_key(&row, key::VERSION)?;
            Some(StoredVersion {
                object,
                id: id?,
                record,
            })
        });
        Ok(Some(versions.collect()))
    }
}

impl StoredVersion {
    /// As clients name it.
    pub(crate) fn name(&self) -> VersionName {
        match &self.record {
            Ok(record) => VersionName::of(&record.facts),
            Err(_) => VersionName::Id(self.id),
        }
    }

    /// What it holds; nothing: it is a delete marker, or cannot be read.
    pub(crate) fn content(&self) -> Option<&ContentRecord> {
        self.record.as_ref().ok()?.content.as_ref()
    }
}
