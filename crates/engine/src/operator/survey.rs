//! Listing that tolerates damage, for inspecting a store.

use crate::bucket::BucketInfo;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use crate::rows::pages::{all_buckets, versions};
use strongroom_seal::Mode;

/// Bucket that was found.
#[derive(Debug)]
pub struct SurveyedBucket {
    /// Name of the bucket.
    pub name: String,
    /// Description of the bucket, if its row can be read.
    pub info: Result<BucketInfo>,
}

/// Version that was found.
#[derive(Debug)]
pub struct SurveyedVersion {
    /// Key of the object.
    pub object: String,
    /// True for the first version of its key.
    pub is_latest: bool,
    /// Description of the version, if its row can be read.
    pub summary: Result<SurveyedSummary>,
}

/// Description of a version from its row. Requires no key but the store's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedSummary {
    /// Name of the version.
    pub version: VersionName,
    /// Plaintext bytes.
    pub length: u64,
    /// Time of the last modification, in microseconds since 1970.
    pub modified: u64,
    /// Mode of the encryption. `None`: a delete marker.
    pub mode: Option<Mode>,
    /// Id of the KMS key, under SSE-KMS.
    pub kms_key: Option<String>,
}

impl Engine {
    /// Returns all buckets in the order of their names. A damaged row does not stop the listing.
    ///
    /// # Errors
    /// [`Error::Store`] if the index cannot be read.
    pub async fn survey_buckets(&self) -> Result<Vec<SurveyedBucket>> {
        let all = all_buckets(&self.root).await?.into_iter();
        let surveyed = all.map(|(name, record)| {
            let info = record.map(|record| BucketInfo {
                name: name.clone(),
                created: record.created,
            });
            SurveyedBucket { name, info }
        });
        Ok(surveyed.collect())
    }

    /// Calls `each` for the versions of a bucket whose keys begin with `prefix`, in byte order of their keys, those of
    /// one key newest first. A damaged row does not stop the listing.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Damaged`] for the bucket's own rows; [`Error::Store`] if
    /// the index cannot be read; the errors of `each`.
    pub async fn survey<E: From<Error>>(
        &self,
        bucket: &str,
        prefix: &str,
        mut each: impl FnMut(SurveyedVersion) -> Result<(), E>,
    ) -> Result<(), E> {
        let bucket = self.bucket(bucket).await?;
        let mut versions = versions(&bucket.rows, prefix);
        let mut latest_of: Option<String> = None;
        while let Some(page) = versions.next().await? {
            for found in page {
                let is_latest = latest_of.as_ref() != Some(&found.object);
                if is_latest {
                    latest_of = Some(found.object.clone());
                }
                let summary = found.record.map(|record| SurveyedSummary {
                    version: record.summary.name(),
                    length: record.summary.length,
                    modified: record.summary.modified,
                    mode: record.content.is_some().then(|| record.summary.mode()),
                    kms_key: record.content.and_then(|content| Some(content.kms?.display_id)),
                });
                each(SurveyedVersion {
                    object: found.object,
                    is_latest,
                    summary,
                })?;
            }
        }
        Ok(())
    }
}
