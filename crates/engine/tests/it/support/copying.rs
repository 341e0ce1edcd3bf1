//! Copy requests in short form.

use crate::support::protection::Protection;
use crate::support::vault::{BUCKET, Vault, new_object, reading};
use strongroom_engine::Result;
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::object::copy::{CopyObject, CopyOutcome};
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::upload::PartOutcome;

/// Builds a request to copy the newest version of a key to another key of the vault's bucket.
pub(crate) fn copying(source: &str, target: &str, protection: Protection) -> CopyObject {
    CopyObject {
        source: reading(source),
        object: new_object(BUCKET, target, protection),
        keep_metadata: true,
        keep_tags: true,
        checksum: None,
        may_change_nothing: false,
        conditions: WriteConditions::default(),
    }
}

impl Vault {
    /// Sends the copy request; `key` protects the source.
    pub(crate) async fn copy(&self, copy: CopyObject, key: Protection) -> Result<CopyOutcome> {
        self.engine.copy_object(copy, || key.on_read()).await
    }

    /// Copies an object onto itself, from one protection to another.
    pub(crate) async fn protect(&self, key: &str, from: Protection, to: Protection) -> Result<CopyOutcome> {
        let copy = CopyObject {
            may_change_nothing: true,
            ..copying(key, key, to)
        };
        self.copy(copy, from).await
    }
}

impl crate::support::uploading::Upload {
    /// Copies a range of an object into a part of the upload.
    pub(crate) async fn part_from(
        &self,
        number: i64,
        source: &ReadObject,
        key: Protection,
        range: Option<(u64, u64)>,
    ) -> Result<PartOutcome> {
        let part = self.part_request(number, 0, self.protection.on_read());
        let copied = self
            .engine
            .copy_part(part, source, || key.on_read(), range)
            .await?;
        Ok(copied.0)
    }
}
