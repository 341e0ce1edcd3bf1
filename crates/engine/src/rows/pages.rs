//! Iterates page by page over rows: of all buckets, of all versions of a bucket, of all its uploads in progress.

use crate::model::error::Result;
use crate::model::version_name::VersionName;
use crate::rows::partition::Partition;
use crate::rows::record::{BucketRecord, Record, UploadRecord, VersionRecord};
use crate::rows::{Found, key};
use bytes::Bytes;
use std::marker::PhantomData;

/// Rows read at a time.
const PAGE: usize = 1000;

/// Iterator over the rows that begin with a prefix, in the order of their keys. Rows written during the iteration may
/// be returned or not.
pub(crate) struct Pages<R> {
    rows: Partition,
    prefix: Bytes,
    from: Option<Bytes>,
    record: PhantomData<R>,
}

impl<R: Record> Pages<R> {
    pub(crate) fn new(rows: &Partition, prefix: Bytes) -> Self {
        Self {
            rows: rows.clone(),
            from: Some(prefix.clone()),
            prefix,
            record: PhantomData,
        }
    }

    /// Returns the next page. `None`: there are no more. A damaged row does not fail the page.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<(Bytes, Result<Found<R>>)>>> {
        let Some(from) = self.from.take() else {
            return Ok(None);
        };
        let rows = self.rows.scan_each(&self.prefix, from, PAGE).await?;
        if rows.len() == PAGE {
            self.from = rows.last().map(|(row, _)| key::after(row));
        }
        Ok(Some(rows))
    }

    /// Counts the remaining rows, without reading their contents.
    pub(crate) async fn count(mut self) -> Result<u64> {
        let mut count = 0;
        while let Some(from) = self.from.take() {
            let rows = self.rows.scan_sealed(&self.prefix, from, PAGE).await?;
            count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if rows.len() == PAGE {
                self.from = rows.last().map(|row| key::after(&row.key));
            }
        }
        Ok(count)
    }
}

/// Iterator over the rows of a bucket that describe one object each, in the order of the object keys.
pub(crate) struct ObjectPages<R> {
    pages: Pages<R>,
    /// Word that the rows begin with.
    word: &'static [u8],
}

/// Contents of a row that describes an object.
pub(crate) struct Stored<R> {
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    /// Record of the row, if it can be read.
    pub(crate) record: Result<R>,
}

/// Version that was found.
pub(crate) type StoredVersion = Stored<VersionRecord>;

impl Partition {
    /// Iterates over all buckets; to be called on the root partition.
    pub(crate) fn buckets(&self) -> Pages<BucketRecord> {
        Pages::new(self, key::bucket(""))
    }

    /// Returns the names and records of all buckets; to be called on the root partition.
    pub(crate) async fn all_buckets(&self) -> Result<Vec<(String, Result<BucketRecord>)>> {
        let (mut pages, mut all) = (self.buckets(), Vec::new());
        while let Some(page) = pages.next().await? {
            let named = |(row, found): (Bytes, Result<Found<BucketRecord>>)| {
                (key::bucket_name(&row), found.map(|found| found.record))
            };
            all.extend(page.into_iter().map(named));
        }
        Ok(all)
    }

    /// Iterates over the versions of the keys that begin with `prefix`.
    pub(crate) fn versions(&self, prefix: &str) -> ObjectPages<VersionRecord> {
        ObjectPages::new(self, key::VERSION, prefix)
    }

    /// Iterates over the uploads of the keys that begin with `prefix`.
    pub(crate) fn uploads(&self, prefix: &str) -> ObjectPages<UploadRecord> {
        ObjectPages::new(self, key::UPLOAD, prefix)
    }
}

impl<R: Record> ObjectPages<R> {
    fn new(rows: &Partition, word: &'static [u8], prefix: &str) -> Self {
        Self {
            pages: Pages::new(rows, key::of_key(word, prefix)),
            word,
        }
    }

    /// Counts the remaining rows, without reading their contents.
    pub(crate) async fn count(self) -> Result<u64> {
        self.pages.count().await
    }

    /// Returns the next page. `None`: there are no more.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Stored<R>>>> {
        let Some(rows) = self.pages.next().await? else {
            return Ok(None);
        };
        let stored = rows.into_iter().filter_map(|(row, found)| {
            let (object, id) = key::object_key(&row, self.word)?;
            Some(Stored {
                object,
                id: id?,
                record: found.map(|found| found.record),
            })
        });
        Ok(Some(stored.collect()))
    }
}

impl StoredVersion {
    /// Returns the name of the version, as clients see it.
    pub(crate) fn name(&self) -> VersionName {
        match &self.record {
            Ok(record) => record.summary.name(),
            Err(_) => VersionName::Id(self.id),
        }
    }
}
