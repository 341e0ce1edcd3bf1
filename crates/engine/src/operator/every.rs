//! Iterates page by page over all versions of a bucket, or all its uploads in progress.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::version_name::VersionName;
use crate::rows::key;
use crate::rows::record::{ContentRecord, KmsRecord, Record, UploadRecord, VersionRecord};
use bytes::Bytes;
use std::marker::PhantomData;
use strongroom_store::PartitionId;

/// Rows read at a time.
const PAGE: usize = 500;

/// Iterator over the rows of a bucket that describe one object each, in the order of the object keys. Rows written
/// during the iteration may be returned or not.
pub(crate) struct Every<R> {
    bucket: PartitionId,
    /// Word that the rows begin with.
    word: &'static [u8],
    prefix: Bytes,
    from: Option<Bytes>,
    record: PhantomData<R>,
}

/// Contents of a row.
pub(crate) struct Stored<R> {
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    /// Record of the row, if it can be read.
    pub(crate) record: Result<R>,
}

/// Version that was found.
pub(crate) type StoredVersion = Stored<VersionRecord>;

impl Every<VersionRecord> {
    /// Iterates over the versions of the keys that begin with `prefix`.
    pub(crate) fn version(bucket: PartitionId, prefix: &str) -> Self {
        Self::of(bucket, key::VERSION, prefix)
    }
}

impl Every<UploadRecord> {
    /// Iterates over the uploads of the keys that begin with `prefix`.
    pub(crate) fn upload(bucket: PartitionId, prefix: &str) -> Self {
        Self::of(bucket, key::UPLOAD, prefix)
    }
}

impl<R: Record> Every<R> {
    fn of(bucket: PartitionId, word: &'static [u8], prefix: &str) -> Self {
        let prefix = key::of_key(word, prefix);
        Self {
            bucket,
            word,
            from: Some(prefix.clone()),
            prefix,
            record: PhantomData,
        }
    }

    /// Counts the remaining rows, without reading their contents.
    pub(crate) async fn count(mut self, engine: &Engine) -> Result<u64> {
        let mut count = 0;
        while let Some(from) = self.from.take() {
            let rows = engine
                .rows
                .scan_sealed(self.bucket, &self.prefix, from, PAGE)
                .await?;
            count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if rows.len() == PAGE {
                self.from = rows.last().map(|row| key::after(&row.key));
            }
        }
        Ok(count)
    }

    /// Returns the next page. `None`: there are no more.
    pub(crate) async fn page(&mut self, engine: &Engine) -> Result<Option<Vec<Stored<R>>>> {
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
        let stored = rows.into_iter().filter_map(|(row, record)| {
            let (object, id) = key::object_key(&row, self.word)?;
            Some(Stored {
                object,
                id: id?,
                record,
            })
        });
        Ok(Some(stored.collect()))
    }
}

impl StoredVersion {
    /// Returns the name of the version, as clients see it.
    pub(crate) fn name(&self) -> VersionName {
        match &self.record {
            Ok(record) => record.facts.name(),
            Err(_) => VersionName::Id(self.id),
        }
    }
}

/// Data key as it is stored.
#[derive(Clone, Copy)]
pub(crate) struct StoredKey<'a> {
    pub(crate) envelope: &'a [u8],
    pub(crate) kms: Option<&'a KmsRecord>,
}

impl ContentRecord {
    /// Returns the data key of the content.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}

impl UploadRecord {
    /// Returns the data key of the upload.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}
