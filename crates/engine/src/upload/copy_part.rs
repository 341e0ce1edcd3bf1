//! Copying an object, or a range of it, into a part of an upload.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::condition::ByteRange;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use crate::object::get::ReadObject;
use crate::upload::part::{PartOutcome, UploadPart, part_number};
use strongroom_store::StoreError;

impl Engine {
    /// Copies an object, or a range of it, into a part of an upload. Calls `source_key` again each time the source is
    /// replaced while it is being opened.
    ///
    /// # Errors
    /// Those of [`Self::get_object`] for the source and of [`Self::upload_part`]; [`Error::CopyRange`].
    pub async fn copy_part(
        &self,
        part: UploadPart,
        source: &ReadObject,
        source_key: impl Fn() -> EncryptionHeaders,
        range: Option<(u64, u64)>,
    ) -> Result<(PartOutcome, Option<VersionName>)> {
        let number = part_number(part.number)?;
        let upload = self.upload(&part.upload).await?;
        let (source, length, content) = retry!(MAX_TRIES, {
            let source = self.open_source(source, source_key()).await?;
            let length = source.summary.length;
            let range = match range {
                Some((_, last)) if last >= length => return Err(Error::CopyRange(length)),
                Some((first, last)) => ByteRange::From(first, Some(last)).within(length)?,
                None => 0..length,
            };
            let length = range.end - range.start;
            match self.content(&source, range).await {
                // Replaced and collected since it was looked up: the next read finds the newer version.
                Err(Error::Store(StoreError::NotFound(_))) => None,
                content => Some((source, length, content?)),
            }
        })?;
        let part = UploadPart { length, ..part };
        let outcome = self.fill_part(&upload, number, part, content).await?;
        Ok((outcome, source.bucket.version_name(&source.summary)))
    }
}
