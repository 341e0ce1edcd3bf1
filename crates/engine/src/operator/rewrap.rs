//! Changes the encryption of a version without moving its data: its data key stays and gets a new envelope.

use crate::bucket::commit::{Attempt, Effects, MAX_TRIES, retry};
use crate::encryption::Decision;
use crate::encryption::kms::KmsWish;
use crate::engine::Engine;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::usage::Usage;
use crate::model::version_name::VersionName;
use crate::rows::key;
use crate::rows::record::{ContentRecord, KmsRecord, PartsRecord, VersionRecord, VersionSummary};
use crate::version::head::NewHead;
use crate::version::open::{OpenVersion, manifest_aad};
use strongroom_audit::KeyUse;
use strongroom_seal::Manifest;
use strongroom_store::StoreError;

impl Engine {
    /// Rewraps the data key of a version: under a KMS key, bound to the same context as before if it was under one
    /// already; or under the bucket's key. Version, time, metadata and data stay; for the `ETag` see
    /// [`Self::kept_etag`]. The cost does not depend on the object's size.
    ///
    /// A version under a customer's key cannot be changed this way, only by a copy onto itself, whose request has the
    /// key.
    ///
    /// # Errors
    /// Those of a missing version; [`Error::Encryption`] for one under a customer's key; [`Error::Kms`];
    /// [`Error::Locked`] for a locked version, unless `locked_too`; [`Error::Contended`]; [`Error::Store`].
    pub async fn rewrap_object(
        &self,
        bucket: &str,
        object: &str,
        name: Option<VersionName>,
        to: Option<&KmsWish>,
        locked_too: bool,
    ) -> Result<Option<VersionName>> {
        retry!(MAX_TRIES, {
            let version = self
                .open_version(bucket, object, name, EncryptionHeaders::default())
                .await?;
            let lock = version.record.record.lock;
            if !locked_too && lock.holds(self.clock.now(), false) {
                return Err(Error::Locked);
            }
            let attempt = self.try_rewrap(&version, to).await?;
            attempt.then(|| version.bucket.version_name(&version.summary))
        })
    }

    /// Tries the change once.
    async fn try_rewrap(&self, version: &OpenVersion, to: Option<&KmsWish>) -> Result<Attempt> {
        let OpenVersion { bucket, object, .. } = version;
        let before = &version.record.record;
        let Some(of_version) = before.content.clone() else {
            return Err(StoreError::NotFound(format!("content of {object:?}")).into());
        };
        // Wrap the data key, and seal the manifest that is bound to the new envelope.
        let decision = &decide(of_version.kms.as_ref(), to);
        let content = self
            .wrap_content_keys(bucket, object, version.content, &version.data_key, decision)
            .await?;
        let kept = self.kept_etag(version, decision)?;
        let summary = VersionSummary {
            etag: kept.etag,
            mode: content.envelope.mode() as u8,
            ..version.summary.clone()
        };
        let manifest = Manifest {
            etag_is_md5: kept.is_md5,
            ..version.manifest.clone()
        };
        let aad = manifest_aad(&summary, content.envelope.as_bytes())?;
        let parts = PartsRecord {
            manifest: manifest.seal(&content.manifest_key, &aad, &*self.random)?,
            locations: version.locations.clone(),
        };

        // Requires the head too: a commit that makes this version the newest writes the head from the old record.
        let head = self.head(bucket, object).await?;
        let mut batch = bucket.rows.batch();
        head.expect(&mut batch, object);
        if head.is(summary.version) {
            let new_head = NewHead {
                summary: &summary,
                is_marker: false,
            };
            head.replace(&mut batch, object, Some(new_head))?;
        }
        let row = key::version(object, summary.version);
        batch.expect(row.clone(), Some(&version.record));
        Usage::of_version(&version.summary, false).subtract_from(&mut batch);
        Usage::of_version(&summary, false).add_to(&mut batch);
        let parts = if of_version.parts.is_some() {
            Some(parts)
        } else {
            batch.put(key::parts(summary.version), &parts)?;
            None
        };
        let rewrap = content
            .event(KeyUse::Rewrap, bucket)
            .of_object(object, Some(summary.name()));
        let record = VersionRecord {
            summary,
            content: Some(ContentRecord {
                envelope: content.envelope.as_bytes().to_vec(),
                kms: content.kms,
                parts,
                ..of_version
            }),
            ..before.clone()
        };
        batch.put(row, &record)?;
        self.commit(bucket, batch, Effects::with_events(vec![rewrap]))
            .await
    }
}

/// Decides how a data key is to be wrapped. The encryption context of an earlier request is kept.
pub(crate) fn decide(before: Option<&KmsRecord>, to: Option<&KmsWish>) -> Decision {
    let Some(wish) = to else { return Decision::S3 };
    let context = before.map_or(&wish.context, |kms| &kms.context);
    Decision::Kms(KmsWish {
        context: context.clone(),
        ..wish.clone()
    })
}
