//! All versions of a bucket, and all uploads under way, page by page, for work that goes through all of them.

use crate::record::{ContentRecord, KmsRecord, Record, UploadRecord, VersionRecord, key};
use crate::version::VersionName;
use crate::{Engine, Result};
use bytes::Bytes;
use strongroom_store::PartitionId;

/// Rows read at a time.
const PAGE: usize = 500;

/// Goes through rows of a bucket in their order. What is written meanwhile may be among them or not.
struct EveryRow {
    bucket: PartitionId,
    prefix: Bytes,
    from: Option<Bytes>,
}

impl EveryRow {
    /// Those that begin with `word`, and then with the object key `prefix`.
    fn of(bucket: PartitionId, word: &[u8], prefix: &str) -> Self {
        let prefix = key::of_key(word, prefix);
        Self {
            bucket,
            from: Some(prefix.clone()),
            prefix,
        }
    }

    async fn page<R: Record>(&mut self, engine: &Engine) -> Result<Option<Vec<(Bytes, Result<R>)>>> {
        let Some(from) = self.from.take() else {
            return Ok(None);
        };
        let rows = engine
            .rows
            .scan_each::<R>(self.bucket, &self.prefix, from, PAGE)
            .await?;
        if rows.len() == PAGE {
            self.from = rows.last().map(|(row, _)| key::after(row));
        }
        Ok(Some(rows))
    }
}

/// Goes through the versions of a bucket in the order of their keys.
pub(crate) struct EveryVersion(EveryRow);

/// A version that was found.
pub(crate) struct StoredVersion {
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    /// Its record, if that can be read.
    pub(crate) record: Result<VersionRecord>,
}

impl EveryVersion {
    /// Of the keys that begin with `prefix`.
    pub(crate) fn of(bucket: PartitionId, prefix: &str) -> Self {
        Self(EveryRow::of(bucket, key::VERSION, prefix))
    }

    /// The next of them; none: these were all.
    pub(crate) async fn page(&mut self, engine: &Engine) -> Result<Option<Vec<StoredVersion>>> {
        let Some(rows) = self.0.page(engine).await? else {
            return Ok(None);
        };
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

/// Goes through the uploads of a bucket in the order of their keys.
pub(crate) struct EveryUpload(EveryRow);

/// An upload under way that was found.
pub(crate) struct StoredUpload {
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    /// Its record, if that can be read.
    pub(crate) record: Result<UploadRecord>,
}

impl EveryUpload {
    /// Of the keys that begin with `prefix`.
    pub(crate) fn of(bucket: PartitionId, prefix: &str) -> Self {
        Self(EveryRow::of(bucket, key::UPLOAD, prefix))
    }

    /// The next of them; none: these were all.
    pub(crate) async fn page(&mut self, engine: &Engine) -> Result<Option<Vec<StoredUpload>>> {
        let Some(rows) = self.0.page(engine).await? else {
            return Ok(None);
        };
        let uploads = rows.into_iter().filter_map(|(row, record)| {
            let (object, id) = key::object_key(&row, key::UPLOAD)?;
            Some(StoredUpload {
                object,
                id: id?,
                record,
            })
        });
        Ok(Some(uploads.collect()))
    }
}

/// A data key where it is stored.
#[derive(Clone, Copy)]
pub(crate) struct StoredKey<'a> {
    pub(crate) envelope: &'a [u8],
    pub(crate) kms: Option<&'a KmsRecord>,
}

impl StoredVersion {
    /// As clients name it.
    pub(crate) fn name(&self) -> VersionName {
        match &self.record {
            Ok(record) => VersionName::of(&record.facts),
            Err(_) => VersionName::Id(self.id),
        }
    }
}

impl ContentRecord {
    /// Its data key.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}

impl UploadRecord {
    /// Its data key.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}
