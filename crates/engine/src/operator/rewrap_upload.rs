//! Changes the encryption of an upload in progress, so that the version it becomes is under the new key too.

use crate::bucket::commit::{Attempt, Effects, MAX_TRIES, retry};
use crate::encryption::kms::KmsWish;
use crate::engine::Engine;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::Result;
use crate::model::upload_name::UploadName;
use crate::model::usage::Usage;
use crate::operator::rewrap::decide;
use crate::rows::record::UploadRecord;
use crate::upload::Upload;
use strongroom_audit::KeyUse;

impl Engine {
    /// Rewraps the data key of an upload. Its parts stay unchanged, including those being uploaded.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchUpload`]; else those of [`Self::rewrap_object`].
    pub(crate) async fn rewrap_upload(&self, name: &UploadName, to: Option<&KmsWish>) -> Result<()> {
        retry!(MAX_TRIES, {
            let upload = self.upload(name).await?;
            let attempt = self.try_rewrap_upload(&upload, to).await?;
            attempt.then(|| ())
        })
    }

    /// Tries the change once.
    async fn try_rewrap_upload(&self, upload: &Upload, to: Option<&KmsWish>) -> Result<Attempt> {
        let (bucket, object, before) = (&upload.bucket, &upload.object, upload.record());
        let data_key = self.upload_key(upload, EncryptionHeaders::default()).await?;
        let decision = decide(before.kms.as_ref(), to);
        let content = self
            .wrap_content_keys(bucket, object, upload.id, &data_key, &decision)
            .await?;
        let (manifest_key, manifest) = self.upload_manifest(upload)?;
        let envelope = content.envelope.as_bytes();
        let rewrap = content.event(KeyUse::Rewrap, bucket).of_object(object, None);
        let record = UploadRecord {
            manifest: manifest.seal(&manifest_key, envelope, &*self.random)?,
            envelope: envelope.to_vec(),
            kms: content.kms,
            ..before.clone()
        };
        let mut batch = bucket.rows.batch();
        batch.expect(upload.row(), Some(&upload.found));
        batch.put(upload.row(), &record)?;
        Usage::of_upload(upload.mode()).subtract_from(&mut batch);
        Usage::of_upload(content.envelope.mode()).add_to(&mut batch);
        self.commit(bucket, batch, Effects::with_events(vec![rewrap]))
            .await
    }
}
