//! Iterates page by page over rows: of all buckets, of all versions of a bucket, of all its uploads in progress.

use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use crate::rows::key;
use crate::rows::record::{BucketRecord, UploadRecord, VersionRecord};
use strongroom_rows::{Pages, Partition, Record};

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

/// Iterates over all buckets, which are rows of the root partition.
pub(crate) fn buckets(root: &Partition) -> Pages<BucketRecord> {
    Pages::new(root, key::bucket(""))
}

/// Returns the names and records of all buckets, which are rows of the root partition.
pub(crate) async fn all_buckets(root: &Partition) -> Result<Vec<(String, Result<BucketRecord>)>> {
    let (mut pages, mut all) = (buckets(root), Vec::new());
    while let Some(page) = pages.next().await? {
        for (row, found) in page {
            let record = found.map(|found| found.record).map_err(Error::from);
            all.push((key::bucket_name(&row), record));
        }
    }
    Ok(all)
}

/// Iterates over the versions in a bucket's partition of the keys that begin with `prefix`.
pub(crate) fn versions(rows: &Partition, prefix: &str) -> ObjectPages<VersionRecord> {
    ObjectPages::new(rows, key::VERSION, prefix)
}

/// Iterates over the uploads in a bucket's partition of the keys that begin with `prefix`.
pub(crate) fn uploads(rows: &Partition, prefix: &str) -> ObjectPages<UploadRecord> {
    ObjectPages::new(rows, key::UPLOAD, prefix)
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
        Ok(self.pages.count().await?)
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
                record: found.map(|found| found.record).map_err(Error::from),
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
