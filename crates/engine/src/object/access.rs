//! Owner and access control list of objects.

use crate::engine::Engine;
use crate::model::acl::{Acl, ObjectAccess};
use crate::model::error::Result;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::VersionRecord;

impl Engine {
    /// Returns owner and access control list of an object, and its version. They are the default ones while access control
    /// lists are disabled.
    ///
    /// # Errors
    /// Those of a missing version; [`crate::Error::Store`].
    pub async fn object_access(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
    ) -> Result<(ObjectAccess, Option<VersionName>)> {
        let bucket = self.bucket(bucket).await?;
        let (found, _) = self.find_version(&bucket, object, version).await?;
        let access = if bucket.settings.acls_enabled() {
            found.record.access()
        } else {
            ObjectAccess::default()
        };
        Ok((access, bucket.version_name(&found.record.summary)))
    }

    /// Sets the access control list of an object. `None`: [`Acl::private`]. Returns the object's version.
    ///
    /// # Errors
    /// As [`Self::object_access`].
    pub async fn set_object_acl(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        acl: Option<&Acl>,
    ) -> Result<Option<VersionName>> {
        let change = |record: &mut VersionRecord, _: &Bucket| {
            record.acl = acl.cloned();
            Ok(())
        };
        self.change_version(bucket, object, version, change).await
    }
}
