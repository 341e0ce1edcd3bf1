//! Verifies stored data: envelopes, manifests and every chunk, as far as the available keys allow.

use crate::engine::{Engine, store_key};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::operator::pace::Pace;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::pages::StoredVersion;
use crate::rows::pages::versions;
use crate::rows::record::{BlobRecord, ContentRecord, PartLocation, VersionRecord, VersionSummary};
use crate::rows::recount::recount;
use futures::TryStreamExt as _;
use std::sync::Arc;
use strongroom_seal::Mode;
use strongroom_seal::{Envelope, layout};
use strongroom_store::{PartitionId, StoreError};

/// Maximum number of findings that are listed.
const MAX_NAMED: usize = 1000;
/// Unit of the rate limit, in bytes.
const MEBIBYTE: u64 = 1 << 20;

/// Parameters of a verification.
#[derive(Clone, Debug, Default)]
pub struct Verify {
    /// Name of the bucket. `None`: all buckets.
    pub bucket: Option<String>,
    /// Only keys with this prefix.
    pub prefix: String,
    /// Maximum rate, in MiB per second.
    pub rate: Option<u32>,
}

/// Results so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Versions that were decrypted completely.
    pub opened: u64,
    /// Versions under customers' keys whose sealed bytes match what was written.
    pub sealed: u64,
    /// Bytes read: plaintext bytes of decrypted versions, sealed bytes of the others.
    pub bytes: u64,
    /// Versions that were not verified because their key was not available.
    pub without_key: u64,
    /// Findings; at most the first thousand.
    pub findings: Vec<Finding>,
    /// Number of damaged versions.
    pub damaged: u64,
}

/// Damaged version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object. Empty if the finding is about the bucket as a whole.
    pub object: String,
    /// Name of the version, as clients see it.
    pub version: String,
    /// Description of the damage.
    pub what: String,
}

/// Result for one version.
enum Outcome {
    Opened(u64),
    Sealed(u64),
    /// Nothing to verify: deleted in the meantime, or a delete marker.
    Nothing,
}

impl Engine {
    /// Verifies stored data. Versions under SSE-S3 and SSE-KMS are decrypted: envelope, manifest, and the tag of every
    /// chunk. Versions under a customer's key cannot be: their sealed bytes are compared with their checksums, and
    /// their rows with each other. Calls `progress` after each version.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Audit`]; [`Error::Store`] if the index cannot be read.
    pub async fn verify(
        &self,
        request: &Verify,
        mut progress: impl FnMut(&Verified) + Send,
    ) -> Result<Verified> {
        let buckets = match &request.bucket {
            Some(bucket) => vec![self.bucket(bucket).await?.name.clone()],
            None => self
                .stored_buckets()
                .await?
                .into_iter()
                .map(|bucket| bucket.name)
                .collect(),
        };
        let mut done = Verified::default();
        let mut pace = Pace::of(request.rate);
        for error in [
            self.verify_store_key().await?,
            damage(self.integrity.check_files().await)?,
            damage(self.integrity.check_rows(PartitionId::ROOT).await.map(drop))?,
            damage(self.integrity.check_rows(PartitionId::IDENTITY).await.map(drop))?,
        ]
        .into_iter()
        .flatten()
        {
            done.find("", "", String::new(), &error);
        }
        if request.bucket.is_none()
            && let Err(lost) = self.judge(&self.find_orphans().await?)
        {
            done.find("", "", String::new(), &Error::Damaged(lost.to_string()));
        }
        for name in buckets {
            // The key may have been opened long ago, so its envelope is read again.
            let bucket = match self.bucket_record(&name).await {
                Ok(_) => self.bucket(&name).await,
                Err(error) => Err(error),
            };
            let bucket = match bucket {
                Ok(bucket) => bucket,
                Err(Error::NoSuchBucket(_)) => continue,
                Err(error @ (Error::Audit(_) | Error::Store(_))) => return Err(error),
                // Continue with the other buckets.
                Err(error) => {
                    done.find(&name, "", String::new(), &error);
                    progress(&done);
                    continue;
                }
            };
            if let Some(error) = damage(self.integrity.check_rows(bucket.rows.id()).await.map(drop))? {
                done.find(&name, "", String::new(), &error);
                progress(&done);
            }
            let counted = recount(&bucket.rows).await?;
            if counted.counters != counted.rows {
                let error = Error::Damaged(format!(
                    "the counters of the bucket differ from its rows: strongroom usage recount --mend {name} sets them right"
                ));
                done.find(&name, "", String::new(), &error);
                progress(&done);
            }
            let mut versions = versions(&bucket.rows, &request.prefix);
            while let Some(page) = versions.next().await? {
                for version in page {
                    let outcome = self.verify_version(&name, &version).await;
                    let bytes = done.take(&name, &version, outcome)?;
                    done.bytes += bytes;
                    progress(&done);
                    pace.wait(usize::try_from(bytes.div_ceil(MEBIBYTE)).unwrap_or(usize::MAX))
                        .await;
                }
            }
        }
        Ok(done)
    }

    /// Opens the store's key again, from its key file.
    async fn verify_store_key(&self) -> Result<Option<Error>> {
        let opened = store_key::open(&*self.keys, &self.keyring, &*self.audit).await;
        match opened {
            Ok(Some(opened)) => opened.record(&*self.audit).map(|()| None),
            Ok(None) => Ok(Some(store_key::missing(&*self.keys))),
            Err(Error::Store(StoreError::Damaged { what, why })) => {
                Ok(Some(Error::Damaged(format!("{what} is damaged: {why}"))))
            }
            Err(error @ (Error::Store(_) | Error::Audit(_))) => Err(error),
            Err(error) => Ok(Some(error)),
        }
    }

    async fn verify_version(&self, bucket: &str, version: &StoredVersion) -> Result<Outcome> {
        let record = match &version.record {
            Ok(record) => record,
            Err(error) => return Err(Error::Damaged(error.to_string())),
        };
        let Some(content) = &record.content else {
            return Ok(Outcome::Nothing);
        };
        let envelope = Envelope::from_bytes(&content.envelope)?;
        if envelope.mode() as u8 != record.summary.mode {
            return Err(Error::Damaged(
                "the envelope's mode differs from the row's".to_owned(),
            ));
        }
        if envelope.mode() == Mode::Customer {
            let bucket = self.bucket(bucket).await?;
            let sealed = self
                .verify_sealed(&bucket, version.id, &record.summary, content)
                .await;
            if sealed.is_err() {
                // Unlike an open object, this version could be deleted during the check: read its row again.
                let row = key::version(&version.object, version.id);
                let now = bucket.rows.get::<VersionRecord>(&row).await?;
                let now = now.and_then(|now| now.record.content);
                if now.is_none_or(|now| now.id != content.id) {
                    return Ok(Outcome::Nothing);
                }
            }
            return sealed.map(Outcome::Sealed);
        }
        let opened = self
            .open_version(
                bucket,
                &version.object,
                Some(version.name()),
                EncryptionHeaders::default(),
            )
            .await?;
        let length = opened.summary.length;
        let content = self.content(&Arc::clone(&opened), 0..length).await?;
        let bytes = content
            .try_fold(0, |sum, piece| async move {
                Ok(sum + u64::try_from(piece.len()).unwrap_or(u64::MAX))
            })
            .await?;
        Ok(Outcome::Opened(bytes))
    }

    /// Compares the sealed bytes of a version with their checksums, and with the expected length if the version has one
    /// part.
    async fn verify_sealed(
        &self,
        bucket: &Bucket,
        version: [u8; 16],
        summary: &VersionSummary,
        content: &ContentRecord,
    ) -> Result<u64> {
        let Some(parts) = self.parts_of(bucket, version, content).await? else {
            return Err(Error::Damaged("the version has no parts row".to_owned()));
        };
        let (mut bytes, lone) = (0, parts.locations.len() == 1);
        for location in parts.locations {
            bytes += self.verify_sealed_part(bucket, content.id, location).await?;
        }
        if lone && bytes != layout::sealed_length(summary.length) {
            let damaged = "the stored length differs from the row's".to_owned();
            return Err(Error::Damaged(damaged));
        }
        Ok(bytes)
    }

    /// Compares the sealed bytes of a part with their checksum. An inline part has no checksum other than the index's
    /// own.
    async fn verify_sealed_part(
        &self,
        bucket: &Bucket,
        content: [u8; 16],
        location: PartLocation,
    ) -> Result<u64> {
        match location {
            PartLocation::Blob(id) => {
                let blob = bucket.blob(id);
                let written = self.blobs.scrub(blob).await?;
                // A blob is stored together with its checksum; only the row shows that it was replaced by another blob.
                let row = bucket.rows.get::<BlobRecord>(&key::blob(id)).await?;
                let row =
                    row.ok_or_else(|| Error::Damaged(format!("the row of the blob {blob} is missing")))?;
                if row.record.content != content || row.record.checksum != written.checksum {
                    return Err(Error::Damaged(format!(
                        "the blob {blob} is not the one that was written"
                    )));
                }
                Ok(written.length)
            }
            PartLocation::Inline => {
                let row = key::inline(content);
                let sealed = bucket.rows.get_sealed(&row).await?;
                let sealed =
                    sealed.ok_or_else(|| Error::Damaged("the content's row is missing".to_owned()))?;
                Ok(u64::try_from(sealed.len()).unwrap_or(u64::MAX))
            }
        }
    }
}

impl Verified {
    /// Counts the result for a version. Returns the number of bytes read for it.
    fn take(&mut self, bucket: &str, version: &StoredVersion, outcome: Result<Outcome>) -> Result<u64> {
        match outcome {
            Ok(Outcome::Opened(bytes)) => {
                self.opened += 1;
                return Ok(bytes);
            }
            Ok(Outcome::Sealed(bytes)) => {
                self.sealed += 1;
                return Ok(bytes);
            }
            Ok(Outcome::Nothing)
            | Err(Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::NoSuchBucket(_)) => {}
            Err(Error::Kms(_)) => self.without_key += 1,
            Err(error @ Error::Audit(_)) => return Err(error),
            Err(error @ Error::Store(_)) if !is_damage(&error) => return Err(error),
            Err(error) => self.find(bucket, &version.object, version.name().to_string(), &error),
        }
        Ok(0)
    }

    fn find(&mut self, bucket: &str, object: &str, version: String, error: &Error) {
        self.damaged += 1;
        if self.findings.len() < MAX_NAMED {
            self.findings.push(Finding {
                bucket: bucket.to_owned(),
                object: object.to_owned(),
                version,
                what: error.to_string(),
            });
        }
    }
}

/// Returns the damage that a check of the store found.
fn damage(checked: strongroom_store::Result<()>) -> Result<Option<Error>> {
    match checked {
        Ok(()) => Ok(None),
        Err(error @ StoreError::Damaged { .. }) => Ok(Some(error.into())),
        Err(error) => Err(error.into()),
    }
}

fn is_damage(error: &Error) -> bool {
    matches!(
        error,
        Error::Store(StoreError::Damaged { .. } | StoreError::NotFound(_))
    )
}
