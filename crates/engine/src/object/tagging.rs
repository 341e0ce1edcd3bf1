//! Tags of objects.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::VersionRecord;

impl Engine {
    /// Returns the tags of an object, and its version.
    ///
    /// # Errors
    /// Those of a missing version; [`crate::Error::Store`].
    pub async fn object_tags(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
    ) -> Result<(Tags, Option<VersionName>)> {
        let bucket = self.bucket(bucket).await?;
        let (found, _) = self.find_version(&bucket, object, version).await?;
        let version = bucket.version_name(&found.record.summary);
        Ok((found.record.tags, version))
    }

    /// Sets the tags of an object, and returns its version.
    ///
    /// # Errors
    /// As [`Self::object_tags`].
    pub async fn tag_object(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        tags: &Tags,
    ) -> Result<Option<VersionName>> {
        let change = |record: &mut VersionRecord, _: &Bucket| {
            record.tags = tags.clone();
            Ok(())
        };
        self.change_version(bucket, object, version, change).await
    }
}
