//! What is there, as far as it can be read: for looking at a store that may be damaged.

use crate::bucket::BucketInfo;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use crate::operator::every::Every;
use crate::rows::key;
use crate::rows::record::BucketRecord;
use strongroom_seal::Mode;
use strongroom_store::PartitionId;

/// Buckets read at a time.
const PAGE: usize = 500;

/// A bucket that was found.
#[derive(Debug)]
pub struct SurveyedBucket {
    /// Its name.
    pub name: String,
    /// What is told of it, if its row can be read.
    pub info: Result<BucketInfo>,
}

/// A version that was found.
#[derive(Debug)]
pub struct SurveyedVersion {
    /// The object key.
    pub object: String,
    /// It comes first of its key's.
    pub is_latest: bool,
    /// What is told of it, if its row can be read.
    pub facts: Result<SurveyedFacts>,
}

/// What the row of a version tells. Needs no key but the store's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedFacts {
    /// Its name.
    pub version: VersionName,
    /// Plain bytes.
    pub length: u64,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// How it is encrypted; none: it is a delete marker.
    pub mode: Option<Mode>,
    /// The id of the service's key, under SSE-KMS.
    pub kms_key: Option<String>,
}

impl Engine {
    /// All buckets in the order of their names. A damaged row does not keep the others from being read.
    ///
    /// # Errors
    /// [`crate::Error::Store`] when the index cannot be read.
    pub async fn survey_buckets(&self) -> Result<Vec<SurveyedBucket>> {
        let prefix = key::bucket("");
        let (mut from, mut all) = (prefix.clone(), Vec::new());
        loop {
            let rows = self
                .rows
                .scan_each::<BucketRecord>(PartitionId::ROOT, &prefix, from, PAGE)
                .await?;
            let next = rows.last().filter(|_| rows.len() == PAGE);
            let next = next.map(|(row, _)| key::after(row));
            for (row, record) in rows {
                let name = String::from_utf8_lossy(row.get(prefix.len()..).unwrap_or_default()).into_owned();
                let info = record.map(|record| BucketInfo {
                    name: name.clone(),
                    created: record.created,
                });
                all.push(SurveyedBucket { name, info });
            }
            match next {
                Some(next) => from = next,
                None => return Ok(all),
            }
        }
    }

    /// Tells `each` of the versions of a bucket whose keys begin with `prefix`, in byte order of their keys, those of a
    /// key newest first. A damaged row does not keep the others from being read.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`] for the bucket's own rows; [`crate::Error::Store`] when
    /// the index cannot be read; what `each` returns.
    pub async fn survey<E: From<Error>>(
        &self,
        bucket: &str,
        prefix: &str,
        mut each: impl FnMut(SurveyedVersion) -> Result<(), E>,
    ) -> Result<(), E> {
        let bucket = self.bucket(bucket).await?;
        let mut versions = Every::version(bucket.id, prefix);
        let mut latest_of: Option<String> = None;
        while let Some(page) = versions.page(self).await? {
            for found in page {
                let is_latest = latest_of.as_ref() != Some(&found.object);
                if is_latest {
                    latest_of = Some(found.object.clone());
                }
                let facts = found.record.map(|record| SurveyedFacts {
                    version: record.facts.name(),
                    length: record.facts.length,
                    modified: record.facts.modified,
                    mode: record.content.is_some().then(|| record.facts.mode()),
                    kms_key: record.content.and_then(|content| Some(content.kms?.told)),
                });
                each(SurveyedVersion {
                    object: found.object,
                    is_latest,
                    facts,
                })?;
            }
        }
        Ok(())
    }
}
