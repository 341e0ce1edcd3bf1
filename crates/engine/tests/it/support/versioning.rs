//! Requests about versions in short form.

use crate::support::protection::Protection;
use crate::support::vault::{BUCKET, Vault, reading, whole};
use strongroom_engine::model::settings::{DefaultRetention, ObjectLock, Versioning};
use strongroom_engine::object::delete::{DeleteObject, Deleted};
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::object::list::{ListVersions, ListedVersion};
use strongroom_engine::object::walk::Entry;
use strongroom_engine::{Result, VersionName};
use strongroom_store::Row;

impl Vault {
    pub(crate) async fn set_versioning(&self, versioning: Versioning) {
        let change = self
            .engine
            .change_bucket_settings(BUCKET, |settings| Ok(settings.set_versioning(versioning)?));
        change.await.unwrap();
    }

    pub(crate) async fn keep_versions(&self) {
        self.set_versioning(Versioning::Enabled).await;
    }

    pub(crate) async fn suspend(&self) {
        self.set_versioning(Versioning::Suspended).await;
    }

    /// Enables versioning and Object Lock.
    pub(crate) async fn lock_versions(&self, default_retention: Option<DefaultRetention>) {
        self.keep_versions().await;
        let lock = ObjectLock { default_retention };
        let change = self
            .engine
            .change_bucket_settings(BUCKET, |settings| Ok(settings.set_object_lock(lock)?));
        change.await.unwrap();
    }

    /// Puts an object into a bucket with versioning enabled or suspended, and returns its version.
    pub(crate) async fn put_version(
        &self,
        key: &str,
        bytes: impl Into<bytes::Bytes>,
        protection: Protection,
    ) -> VersionName {
        let put = self.put(key, bytes, protection).await.unwrap();
        put.committed.version.unwrap()
    }

    pub(crate) async fn read(&self, read: &ReadObject, protection: Protection) -> Result<Vec<u8>> {
        let object = self.engine.get_object(read, || protection.on_read()).await?;
        whole(object).await
    }

    pub(crate) async fn get_version(
        &self,
        key: &str,
        version: VersionName,
        protection: Protection,
    ) -> Result<Vec<u8>> {
        self.read(&reading_version(key, version), protection).await
    }

    pub(crate) async fn delete_version(&self, key: &str, version: VersionName) -> Result<Deleted> {
        self.engine.delete_object(BUCKET, &deletion(key, version)).await
    }

    /// Lists all versions of the vault's bucket.
    pub(crate) async fn versions(&self) -> Vec<ListedVersion> {
        self.versions_in(BUCKET).await
    }

    pub(crate) async fn versions_in(&self, bucket: &str) -> Vec<ListedVersion> {
        let list = ListVersions {
            limit: usize::MAX,
            ..ListVersions::default()
        };
        let page = self.engine.list_versions(bucket, &list).await.unwrap();
        assert!(!page.truncated);
        let entries = page.entries.into_iter();
        entries
            .map(|entry| match entry {
                Entry::Item(version) => version,
                Entry::Prefix(prefix) => panic!("{prefix:?} without a delimiter"),
            })
            .collect()
    }

    /// Returns the rows of buckets without those of their settings.
    pub(crate) async fn rows_of_objects(&self) -> Vec<Row> {
        let rows = self.rows().await.into_iter().map(|(_, row)| row);
        rows.filter(|row| row.key != b"settings"[..]).collect()
    }

    /// Checks that no row or blob of an object, version or upload is left after collection.
    pub(crate) async fn is_empty_once_collected(&self) {
        self.engine.collect().await.unwrap();
        let rows = self.rows_of_objects().await;
        let keys: Vec<_> = rows
            .iter()
            .map(|row| row.key.escape_ascii().to_string())
            .collect();
        assert_eq!(keys, Vec::<String>::new());
        assert_eq!(self.blobs().await, []);
    }

    /// Deletes all versions and checks that nothing is left.
    pub(crate) async fn emptied(&self) {
        for listed in self.versions().await {
            self.delete_version(&listed.object.key, listed.version)
                .await
                .unwrap();
        }
        self.is_empty_once_collected().await;
    }
}

/// Builds a request to read a whole version.
pub(crate) fn reading_version(key: &str, version: VersionName) -> ReadObject {
    ReadObject {
        version: Some(version),
        ..reading(key)
    }
}

pub(crate) fn deletion(key: &str, version: VersionName) -> DeleteObject {
    DeleteObject {
        key: key.to_owned(),
        version: Some(version),
        ..DeleteObject::default()
    }
}
