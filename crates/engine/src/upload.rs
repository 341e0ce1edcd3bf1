//! Multipart uploads: begun, filled part by part, completed or aborted.
//!
//! An upload's id is the id of the content that it becomes, so its parts are written to their final location:
//! completing it moves no data. A customer's key is needed to begin it and for each part, but not to decrypt or encrypt
//! anything when it is completed: the manifest is sealed under a key of its own, which is stored in the upload's row,
//! wrapped by the bucket's key, until the upload ends.

mod complete;
mod copy_part;
mod list;
mod part;
#[cfg(test)]
mod tests;

use crate::bucket::commit::{Effects, MAX_TRIES, retry};
use crate::encryption::data_key::Sealed;
use crate::encryption::new_content::SealedContentKeys;
use crate::encryption::{self, Encrypted};
use crate::engine::Engine;
use crate::engine::auditing::KeyRef;
use crate::engine::pending::PendingKeyEvent;
use crate::model::acl::{Initiator, ObjectAccess};
use crate::model::checksum::ChecksumAlgorithm;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::lock::Lock;
use crate::model::new_object::{NewObject, check_sizes};
use crate::model::quota::Amount;
use crate::model::refusal::Refusal;
use crate::model::usage::Usage;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{SpentRecord, UploadRecord};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_rows::{Batch, Found};
use strongroom_seal::Mode;
use strongroom_seal::{DataKey, Envelope, Manifest, ManifestKey, keys::Wrapped as _, random};

pub use crate::model::checksum::UploadChecksum;
pub use crate::model::limits::MAX_PARTS;
pub use crate::model::upload_name::UploadName;
pub use complete::{CompleteUpload, CompletedPart, Completion};
pub use list::{ListUploads, ListedPart, ListedUpload, PartsPage};
pub use part::{PartOutcome, UploadPart};

/// Parameters of a new upload.
pub struct BeginUpload {
    /// Object to create.
    pub object: NewObject,
    /// Requested checksum, and whether it is computed over the parts' checksums (COMPOSITE) or over the whole object
    /// (`FULL_OBJECT`).
    pub checksum: Option<(ChecksumAlgorithm, Option<bool>)>,
    /// Caller that begins the upload. `None`: its request is not signed.
    pub initiator: Option<Initiator>,
}

/// Upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunUpload {
    /// Id of the upload.
    pub id: String,
    /// Encryption of the parts.
    pub encrypted: Encrypted,
    /// Checksum of the upload.
    pub checksum: UploadChecksum,
}

/// Upload that was found.
pub(crate) struct Upload {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) object: String,
    pub(crate) id: [u8; 16],
    pub(crate) found: Found<UploadRecord>,
    pub(crate) envelope: Envelope,
}

impl Upload {
    pub(crate) fn record(&self) -> &UploadRecord {
        &self.found.record
    }

    /// Returns owner and access control list of the future version. Neither has an effect in a bucket that has disabled
    /// access control lists since, and everything written there belongs to its owner.
    pub(crate) fn access(&self) -> ObjectAccess {
        if !self.bucket.settings.acls_enabled() {
            return ObjectAccess::default();
        }
        ObjectAccess {
            owner: self.record().owner,
            acl: self.record().acl.clone(),
        }
    }

    pub(crate) fn row(&self) -> Bytes {
        key::upload(&self.object, self.id)
    }

    pub(crate) fn gone(&self) -> Error {
        Error::NoSuchUpload(hex::encode(self.id))
    }

    pub(crate) fn mode(&self) -> Mode {
        self.envelope.mode()
    }

    /// Returns the encryption of the parts for responses.
    pub(crate) fn encrypted(&self) -> Encrypted {
        Encrypted::of(
            self.mode(),
            self.record().kms.as_ref(),
            &self.bucket,
            &self.object,
        )
    }

    fn manifest(&self) -> Result<(ManifestKey, Manifest)> {
        let damaged = |error: strongroom_seal::Error| {
            Error::Damaged(format!("upload {}: {error}", hex::encode(self.id)))
        };
        let envelope = Envelope::from_bytes(&self.record().manifest_key).map_err(damaged)?;
        let place = self.bucket.place(&self.object, self.id);
        let key = envelope.open(&self.bucket.key, place).map_err(damaged)?;
        let manifest =
            Manifest::open(&self.record().manifest, &key, self.envelope.as_bytes()).map_err(damaged)?;
        Ok((key, manifest))
    }

    fn content(&self, manifest_key: ManifestKey) -> SealedContentKeys {
        SealedContentKeys {
            id: self.id,
            envelope: self.envelope.clone(),
            kms: self.record().kms.clone(),
            manifest_key,
        }
    }
}

impl Engine {
    /// Begins a multipart upload.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::KeyTooLong`], [`Error::MetadataTooLarge`], [`Error::Encryption`],
    /// [`Error::UploadChecksum`], [`Error::NoObjectLock`], [`Error::QuotaExceeded`], [`Error::Store`].
    pub async fn begin_upload(&self, begin: BeginUpload) -> Result<BegunUpload> {
        let new = begin.object;
        let bucket = self.bucket(&new.bucket).await?;
        check_sizes(&new)?;
        let checksum = upload_checksum(begin.checksum)?;
        let decision = self.resolve(&bucket, &new.key, new.encryption)?;
        let now = self.clock.now();
        let lock = Lock::of_new(new.lock, bucket.settings.object_lock.as_ref(), now)?;

        // Refuses early what could not be completed; nothing is reserved before the parts are.
        self.reserve(&bucket, Amount::new(0, 1)).await?;

        // Uploads of a key are listed in the order they were begun, so the id begins with the time.
        let mut id = [0; 16];
        id[..8].copy_from_slice(&now.to_be_bytes());
        id[8..].copy_from_slice(&random::bytes::<8>(&*self.random)?);
        let data_key = DataKey::generate(&*self.random)?;
        let content = self
            .wrap_content_keys(&bucket, &new.key, id, &data_key, &decision)
            .await?;
        // Seal a manifest without parts, and wrap its key for the completion.
        let manifest = Manifest {
            headers: new.headers,
            metadata: new.metadata,
            ..Manifest::default()
        };
        let place = bucket.place(&new.key, id);
        let manifest_key = Envelope::wrap(
            &bucket.key,
            &bucket.key_id,
            &content.manifest_key,
            Mode::Manifest,
            place,
            &*self.random,
        )?;
        let record = UploadRecord {
            begun: now,
            manifest: manifest.seal(&content.manifest_key, content.envelope.as_bytes(), &*self.random)?,
            envelope: content.envelope.as_bytes().to_vec(),
            manifest_key: manifest_key.as_bytes().to_vec(),
            tags: new.tags,
            lock,
            checksum,
            kms: content.kms.clone(),
            owner: new.access.owner,
            acl: new.access.acl,
            initiator: begin.initiator,
        };
        let mut batch = bucket.rows.batch();
        batch.put(key::upload(&new.key, id), &record)?;
        Usage::of_upload(content.envelope.mode()).add_to(&mut batch);
        let wraps = [
            content.event(KeyUse::Wrap, &bucket),
            PendingKeyEvent::new(KeyUse::Wrap, &bucket.name, Mode::Manifest, &bucket.key_id),
        ];
        let events = wraps.map(|wrap| wrap.of_object(&new.key, None)).to_vec();
        // The batch has no checks: it is only refused if the bucket was deleted.
        let _ = self.commit(&bucket, batch, Effects::with_events(events)).await?;
        Ok(BegunUpload {
            id: hex::encode(id),
            encrypted: content.encrypted(&bucket, &new.key),
            checksum,
        })
    }

    /// Aborts an upload. Its parts become garbage.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`], [`Error::Contended`], [`Error::Store`].
    pub async fn abort_upload(&self, name: &UploadName) -> Result<()> {
        retry!(MAX_TRIES, {
            let upload = self.upload(name).await?;
            let mut batch = upload.bucket.rows.batch();
            self.end(&mut batch, &upload)?;
            let effects = Effects::without_events(true);
            let attempt = self.commit(&upload.bucket, batch, effects).await?;
            attempt.then(|| ())
        })
    }

    /// Returns the encryption of an upload's parts.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`], [`Error::Store`].
    pub async fn upload_encryption(&self, name: &UploadName) -> Result<Encrypted> {
        Ok(self.upload(name).await?.encrypted())
    }

    /// Returns the caller that began an upload. `None`: its request was not signed.
    ///
    /// # Errors
    /// As [`Self::upload_encryption`].
    pub async fn upload_initiator(&self, name: &UploadName) -> Result<Option<Initiator>> {
        Ok(self.upload(name).await?.record().initiator.clone())
    }

    /// Returns whether the object of an upload will be locked.
    ///
    /// # Errors
    /// As [`Self::upload_encryption`].
    pub async fn upload_is_locked(&self, name: &UploadName) -> Result<bool> {
        Ok(self.upload(name).await?.record().lock != Lock::default())
    }

    /// Unwraps the data key of an upload with the encryption headers of a request.
    pub(crate) async fn upload_key(&self, upload: &Upload, encryption: EncryptionHeaders) -> Result<DataKey> {
        let sealed = Sealed {
            bucket: &upload.bucket,
            object: &upload.object,
            content: upload.id,
            envelope: &upload.envelope,
            kms: upload.record().kms.as_ref(),
            version: None,
        };
        let opened = self
            .open_data_key(sealed, encryption, encryption::admit_part)
            .await;
        opened.map_err(|error| match error {
            Error::Encryption(Refusal::WrongKey) => Refusal::NotTheUploadsKey.into(),
            other => other,
        })
    }

    /// Returns the manifest's key, and the manifest without its parts.
    pub(crate) fn upload_manifest(&self, upload: &Upload) -> Result<(ManifestKey, Manifest)> {
        let opened = upload.manifest()?;
        let key = KeyRef {
            version: None,
            mode: Some(Mode::Manifest),
            id: &upload.bucket.key_id,
        };
        self.audit_use(&upload.bucket, &upload.object, KeyUse::Unwrap, key, "ok")?;
        Ok(opened)
    }

    /// Ends an upload, in `batch`. The collector deletes the parts that are left. None can be added any more, as the
    /// commit of each part requires the upload's row.
    fn end(&self, batch: &mut Batch, upload: &Upload) -> Result<()> {
        batch.expect(upload.row(), Some(&upload.found));
        batch.delete(upload.row());
        Usage::of_upload(upload.mode()).subtract_from(batch);
        let since = self.clock.now();
        batch.put(key::spent(upload.id), &SpentRecord { since })?;
        Ok(())
    }

    pub(crate) async fn upload(&self, name: &UploadName) -> Result<Upload> {
        let bucket = self.bucket(&name.bucket).await?;
        let missing = || Error::NoSuchUpload(name.id.clone());
        let mut id = [0; 16];
        hex::decode_to_slice(&name.id, &mut id).map_err(|_| missing())?;
        let row = key::upload(&name.key, id);
        let found = bucket.rows.get::<UploadRecord>(&row).await?;
        let found = found.ok_or_else(missing)?;
        Ok(Upload {
            envelope: Envelope::from_bytes(&found.record.envelope)?,
            object: name.key.clone(),
            bucket,
            id,
            found,
        })
    }
}

/// Determines the checksum of an upload. CRC-64/NVME covers only the whole object, SHA only the parts' checksums; the
/// other algorithms cover the parts' checksums unless the whole object is requested, as on AWS.
fn upload_checksum(requested: Option<(ChecksumAlgorithm, Option<bool>)>) -> Result<UploadChecksum> {
    let Some((algorithm, composite)) = requested else {
        return Ok(UploadChecksum {
            algorithm: ChecksumAlgorithm::Crc64Nvme,
            composite: false,
            requested: false,
        });
    };
    let wrong = |kind: &str| {
        let name = algorithm.name().to_ascii_lowercase();
        Err(Error::UploadChecksum(format!(
            "The {kind} checksum type cannot be used with the {name} checksum algorithm."
        )))
    };
    let composite = match (algorithm, composite) {
        (ChecksumAlgorithm::Crc64Nvme, Some(true)) => return wrong("COMPOSITE"),
        (ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256, Some(false)) => return wrong("FULL_OBJECT"),
        (ChecksumAlgorithm::Crc64Nvme, _) => false,
        (_, composite) => composite.unwrap_or(true),
    };
    Ok(UploadChecksum {
        algorithm,
        composite,
        requested: true,
    })
}
