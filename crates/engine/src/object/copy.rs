//! Copies: of an object onto itself without moving data, to elsewhere through plaintext, and into parts of uploads.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::content::digests::Digests;
use crate::content::write::Destination;
use crate::encryption::Decision;
use crate::engine::Engine;
use crate::model::checksum::ChecksumAlgorithm;
use crate::model::condition::WriteConditions;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::limits::MAX_BYTES;
use crate::model::lock::Lock;
use crate::model::new_object::{NewObject, check_sizes};
use crate::model::quota::Amount;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::object::get::ReadObject;
use crate::object::single_part::SinglePart;
use crate::process::buckets_in_use::Bucket;
use crate::process::meters::Room;
use crate::rows::key;
use crate::rows::record::VersionRecord;
use crate::version::commit::{Committed, ContentOwner, NewVersion};
use crate::version::head::replaced;
use crate::version::open::OpenVersion;
use strongroom_rows::{Batch, Found};

use std::sync::Arc;
use strongroom_seal::{Checksum, Manifest, random};
use strongroom_store::StoreError;

/// Parameters of a copy.
pub struct CopyObject {
    /// Source of the copy. All its conditions fail with the same error.
    pub source: ReadObject,
    /// Object to create.
    pub object: NewObject,
    /// True if the copy gets the source's headers and metadata instead of those in [`Self::object`].
    pub keep_metadata: bool,
    /// True if the copy gets the source's tags.
    pub keep_tags: bool,
    /// Algorithm of the copy's checksum. `None`: the source's.
    pub checksum: Option<ChecksumAlgorithm>,
    /// True if the request may copy an object onto itself even if it changes nothing else.
    pub may_change_nothing: bool,
    /// Conditions on the object that the destination key has already.
    pub conditions: WriteConditions,
}

/// Object created by a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOutcome {
    /// Version created.
    pub committed: Committed,
    /// Checksum of the copy.
    pub checksum: Option<Checksum>,
    /// Number of parts of the source.
    pub parts: Option<usize>,
    /// Version that was copied. `None`: the source's bucket never kept versions.
    pub source: Option<VersionName>,
}

impl Engine {
    /// Copies an object. Calls `source_key` again each time the source is replaced while it is being opened.
    ///
    /// A copy onto itself moves no data: headers, tags or encryption change, and the sealed content stays in place,
    /// under the same data key, with a new envelope. For its `ETag` see [`Self::kept_etag`].
    ///
    /// # Errors
    /// Those of [`Self::get_object`] for the source and of [`Self::put_object`] for the copy;
    /// [`Error::CopyOntoItself`], [`Error::CopySourceTooLarge`].
    pub async fn copy_object(
        &self,
        copy: CopyObject,
        source_key: impl Fn() -> EncryptionHeaders,
    ) -> Result<CopyOutcome> {
        let bucket = self.bucket(&copy.object.bucket).await?;
        check_sizes(&copy.object)?;
        let mut object = copy.object;
        let encryption = std::mem::take(&mut object.encryption);
        let asks_for_encryption = encryption.any();
        let decision = self.resolve(&bucket, &object.key, encryption)?;
        let object_lock = bucket.settings.object_lock.as_ref();
        object.lock = Lock::of_new(object.lock, object_lock, self.clock.now())?;
        let target = Target {
            bucket,
            object,
            keep_metadata: copy.keep_metadata,
            keep_tags: copy.keep_tags,
            checksum: copy.checksum,
            decision,
            conditions: copy.conditions,
        };
        // Copy in place or through plaintext. Start over if the source changes in the meantime.
        let changes = asks_for_encryption || !copy.keep_metadata || copy.may_change_nothing;
        retry!(MAX_TRIES, {
            let source = self.open_source(&copy.source, source_key()).await?;
            let onto_itself = source.bucket.id() == target.bucket.id() && source.object == target.object.key;
            if onto_itself && !changes && copy.source.version.is_none() {
                return Err(Error::CopyOntoItself);
            }
            let computed = target
                .checksum
                .is_some_and(|algorithm| source.checksum_algorithm() != Some(algorithm));
            let copied = if onto_itself && !computed {
                self.copy_in_place(&source, &target).await?
            } else {
                self.copy_content(&source, &target).await?
            };
            copied.map(|(committed, checksum)| CopyOutcome {
                committed,
                checksum,
                parts: Some(source.manifest.parts.len()),
                source: source.bucket.version_name(&source.summary),
            })
        })
    }

    /// Opens the source of a copy and evaluates its conditions.
    pub(crate) async fn open_source(
        &self,
        source: &ReadObject,
        source_key: EncryptionHeaders,
    ) -> Result<Arc<OpenVersion>> {
        let opened = self
            .open_version(&source.bucket, &source.key, source.version, source_key)
            .await;
        let version = opened.map_err(|error| match error {
            Error::IsDeleteMarker(..) => Error::SourceIsDeleteMarker,
            Error::Deleted(key, _) => Error::NoSuchKey(key),
            other => other,
        })?;
        let judged = source
            .conditions
            .judge(&version.summary.etag, version.summary.modified);
        judged.map_err(|error| match error {
            Error::NotModified { .. } => Error::PreconditionFailed("x-amz-copy-source-If-None-Match"),
            other => other,
        })?;
        Ok(version)
    }

    /// Commits a version that shares the source's content. `None`: the source has changed in the meantime.
    async fn copy_in_place(
        &self,
        source: &Arc<OpenVersion>,
        target: &Target,
    ) -> Result<Option<(Committed, Option<Checksum>)>> {
        let content = self.wrap_content_keys(
            &target.bucket,
            &target.object.key,
            source.content,
            &source.data_key,
            &target.decision,
        );
        let content = content.await?;
        let kept = self.kept_etag(source, &target.decision)?;
        let manifest = Manifest {
            parts: source.manifest.parts.clone(),
            checksums: source.manifest.checksums.clone(),
            etag_is_md5: kept.is_md5,
            ..target.manifest(source)
        };
        let checksum = manifest.checksums.first().cloned();
        let version = NewVersion {
            object: target.object.key.clone(),
            etag: kept.etag,
            content,
            manifest,
            locations: source.locations.clone(),
            tags: target.tags(source),
            lock: target.object.lock,
            access: target.object.access.clone(),
        };
        let mut owner = SharedContent {
            object: target.object.key.clone(),
            source: source.record.clone(),
        };
        let committed = self
            .try_commit(&target.bucket, &version, &target.conditions, &mut owner)
            .await?;
        Ok(committed.map(|committed| (committed, checksum)))
    }

    /// Decrypts the source and encrypts it again. `None`: the source was replaced and collected before it could be
    /// read.
    async fn copy_content(
        &self,
        source: &Arc<OpenVersion>,
        target: &Target,
    ) -> Result<Option<(Committed, Option<Checksum>)>> {
        let length = source.summary.length;
        if length > MAX_BYTES {
            return Err(Error::CopySourceTooLarge(length));
        }
        let from = match self.content(source, 0..length).await {
            Err(Error::Store(StoreError::NotFound(_))) => return Ok(None),
            other => other?,
        };
        let room = if self.is_limited(&target.bucket) {
            let head = self.head(&target.bucket, &target.object.key).await?;
            let needed = Amount::of_put(length, replaced(&target.bucket, &head));
            self.reserve(&target.bucket, needed).await?
        } else {
            Room::default()
        };
        // Decrypt the source and encrypt it under a key of its own.
        let (content, data_key) = self
            .new_content_keys(&target.bucket, &target.object.key, &target.decision)
            .await?;
        let algorithm = target
            .checksum
            .or(source.checksum_algorithm())
            .unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let etag_is_md5 = target.decision.etag_is_md5();
        let destination = Destination {
            bucket: &target.bucket,
            data_key: &data_key,
            number: 1,
            may_be_inline: true,
            room,
        };
        let digests = Digests::new(etag_is_md5, algorithm);
        let part = self.write_part(destination, Some(length), from, digests).await?;
        // Commit the copy as a version.
        let etag = match part.digested.md5 {
            Some(md5) => md5,
            None => random::bytes(&*self.random)?,
        };
        let checksum = part.digested.checksum();
        let version = NewVersion {
            object: target.object.key.clone(),
            etag: hex::encode(etag),
            content,
            manifest: Manifest {
                parts: vec![part.manifest.clone()],
                checksums: vec![checksum.clone()],
                ..target.manifest(source)
            },
            locations: vec![part.location()],
            tags: target.tags(source),
            lock: target.object.lock,
            access: target.object.access.clone(),
        };
        let mut part = SinglePart::of(part, &version);
        let committed = self
            .commit_version(&target.bucket, &version, &target.conditions, &mut part)
            .await?;
        Ok(Some((committed, Some(checksum))))
    }
}

/// Destination of a copy, and the object to create there.
struct Target {
    bucket: Arc<Bucket>,
    object: NewObject,
    keep_metadata: bool,
    keep_tags: bool,
    checksum: Option<ChecksumAlgorithm>,
    decision: Decision,
    conditions: WriteConditions,
}

impl Target {
    /// Returns the copy's manifest, without parts and checksums.
    fn manifest(&self, source: &OpenVersion) -> Manifest {
        let of = if self.keep_metadata {
            (&source.manifest.headers, &source.manifest.metadata)
        } else {
            (&self.object.headers, &self.object.metadata)
        };
        Manifest {
            headers: of.0.clone(),
            metadata: of.1.clone(),
            ..Manifest::default()
        }
    }

    fn tags(&self, source: &OpenVersion) -> Tags {
        if self.keep_tags {
            source.record.record.tags.clone()
        } else {
            self.object.tags.clone()
        }
    }
}

/// Content that another version of the key holds too, or that the new version takes over.
struct SharedContent {
    object: String,
    source: Found<VersionRecord>,
}

impl ContentOwner for SharedContent {
    async fn add_rows(
        &mut self,
        engine: &Engine,
        bucket: &Bucket,
        batch: &mut Batch,
        took_over: bool,
    ) -> Result<()> {
        let row = key::version(&self.object, self.source.record.summary.version);
        batch.expect(row, Some(&self.source));
        if took_over {
            Ok(())
        } else {
            engine.share(batch, bucket, &self.object, &self.source).await
        }
    }

    fn shares(&self) -> bool {
        true
    }
}
