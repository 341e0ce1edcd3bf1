//! The only way to plaintext.
//!
//! [`Engine::open_version`] finds a version, lets the resolver check the request's key, and opens envelope and
//! manifest; [`Engine::content`] reads plaintext from the parts. Nothing else in the engine opens manifests and parts;
//! envelopes are opened in `data_key`.

use crate::encryption;
use crate::encryption::data_key::Sealed;
use crate::engine::Engine;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::judged::JudgedObject;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::{
    ContentRecord, KmsRecord, PartLocation, PartsRecord, VersionRecord, VersionSummary,
};
use crate::version::head::Head;
use std::sync::Arc;
use strongroom_rows::Found;
use strongroom_seal::{DataKey, Envelope, Manifest, ManifestKey};

/// Version with its envelope and manifest opened.
pub(crate) struct OpenVersion {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) object: String,
    pub(crate) summary: VersionSummary,
    pub(crate) manifest: Manifest,
    pub(crate) data_key: DataKey,
    /// Id of the content.
    pub(crate) content: [u8; 16],
    pub(crate) kms: Option<KmsRecord>,
    pub(crate) locations: Vec<PartLocation>,
    /// Record of the version, as it was read.
    pub(crate) record: Found<VersionRecord>,
}

impl Engine {
    /// Opens the newest version of a key, or the named one, with the request's encryption headers.
    ///
    /// # Errors
    /// Those of [`Self::find_version`]; [`Error::Encryption`], [`Error::Damaged`].
    pub(crate) async fn open_version(
        &self,
        bucket: &str,
        object: &str,
        name: Option<VersionName>,
        encryption: EncryptionHeaders,
    ) -> Result<Arc<OpenVersion>> {
        let bucket = self.bucket(bucket).await?;
        let (found, content, parts) = self.find_parts(&bucket, object, name).await?;
        let summary = found.record.summary.clone();
        let alarm = |error: strongroom_seal::Error| {
            Error::Damaged(format!(
                "{}/{object:?} version {}: {error}",
                bucket.name,
                hex::encode(summary.version)
            ))
        };

        let envelope = Envelope::from_bytes(&content.envelope).map_err(alarm)?;
        let sealed = Sealed {
            bucket: &bucket,
            object,
            content: content.id,
            envelope: &envelope,
            kms: content.kms.as_ref(),
            version: Some(&summary.name().to_string()),
        };
        let data_key = self.open_data_key(sealed, encryption, encryption::admit).await?;
        // Open the manifest, which is bound to the fields stored outside it.
        let aad = manifest_aad(&summary, &content.envelope)?;
        let manifest_key = ManifestKey::of(&data_key)?;
        let manifest = Manifest::open(&parts.manifest, &manifest_key, &aad).map_err(alarm)?;
        // Compare the manifest with what is stored outside it.
        if manifest.parts.len() != parts.locations.len() || manifest.length() != summary.length {
            return Err(alarm(strongroom_seal::Error::Damaged("manifest")));
        }
        Ok(Arc::new(OpenVersion {
            object: object.to_owned(),
            summary,
            manifest,
            data_key,
            content: content.id,
            kms: content.kms,
            locations: parts.locations,
            record: found,
            bucket,
        }))
    }

    /// Returns the record of the newest version of a key, or of the named one, and its content. Reads again if the
    /// newest version is replaced between two reads.
    ///
    /// # Errors
    /// [`Error::NoSuchKey`], [`Error::NoSuchVersion`], [`Error::Deleted`], [`Error::IsDeleteMarker`],
    /// [`Error::Damaged`], [`Error::Store`]; [`Error::Contended`] if the permission was decided about an object with other
    /// access under the same name.
    pub(crate) async fn find_version(
        &self,
        bucket: &Bucket,
        object: &str,
        name: Option<VersionName>,
    ) -> Result<(Found<VersionRecord>, ContentRecord)> {
        let mut found = match name {
            None => self.newest(bucket, object).await?,
            Some(name) => self.named(bucket, object, name).await?,
        };
        if let Some(content) = found.record.content.take() {
            found.record.content = Some(content.clone());
            let is_judged =
                |judged: &JudgedObject| judged.admits(&bucket.name, object, name, &found.record.access());
            if !self.judged().iter().all(is_judged) {
                return Err(Error::Contended);
            }
            Ok((found, content))
        } else {
            let marker = &found.record.summary;
            Err(Error::IsDeleteMarker(marker.name(), marker.modified))
        }
    }

    /// Works like [`Self::find_version`], with the version's parts. Reads again if the version is deleted between two
    /// reads.
    async fn find_parts(
        &self,
        bucket: &Bucket,
        object: &str,
        name: Option<VersionName>,
    ) -> Result<(Found<VersionRecord>, ContentRecord, PartsRecord)> {
        let mut missed = None;
        loop {
            let (found, content) = self.find_version(bucket, object, name).await?;
            let version = found.record.summary.version;
            match self.parts_of(bucket, version, &content).await? {
                Some(parts) => return Ok((found, content, parts)),
                None if missed != Some(version) => missed = Some(version),
                None => {
                    return Err(Error::Damaged(format!(
                        "{}/{object:?} version {} has no parts row",
                        bucket.name,
                        hex::encode(version)
                    )));
                }
            }
        }
    }

    async fn newest(&self, bucket: &Bucket, object: &str) -> Result<Found<VersionRecord>> {
        let mut missed = None;
        loop {
            let summary = match self.head(bucket, object).await? {
                Head::None => return Err(Error::NoSuchKey(object.to_owned())),
                Head::Marker(found) => {
                    return Err(Error::Deleted(object.to_owned(), found.record.name()));
                }
                Head::Current(found) => found.record,
            };
            match self.version(bucket, object, summary.version).await? {
                Some(version) if version.record.summary == summary => return Ok(version),
                None if missed != Some(summary.version) => missed = Some(summary.version),
                _ => {
                    return Err(Error::Damaged(format!(
                        "{}/{object:?}: its newest row and its version row differ",
                        bucket.name
                    )));
                }
            }
        }
    }

    /// Returns the named version of a key, also if it is a delete marker.
    ///
    /// # Errors
    /// [`Error::NoSuchVersion`], [`Error::Damaged`], [`Error::Store`].
    pub(crate) async fn named(
        &self,
        bucket: &Bucket,
        object: &str,
        name: VersionName,
    ) -> Result<Found<VersionRecord>> {
        let missing = || Error::NoSuchVersion(object.to_owned(), name);
        let (id, found) = match name {
            VersionName::Id(id) => (id, self.version(bucket, object, id).await?),
            VersionName::Null => self.null_of(bucket, object).await?.ok_or_else(missing)?,
        };
        let found = found.filter(|found| found.record.summary.name() == name);
        let found = found.ok_or_else(missing)?;
        if found.record.summary.version != id {
            return Err(Error::Damaged(format!(
                "{}/{object:?}: the row of one version contains another version",
                bucket.name
            )));
        }
        Ok(found)
    }

    /// Returns a key's null version. Its rows can change between the reads, when the null version or the version above
    /// it is replaced. A missing version is therefore believed only if two rounds of reads agree.
    async fn null_of(
        &self,
        bucket: &Bucket,
        object: &str,
    ) -> Result<Option<([u8; 16], Option<Found<VersionRecord>>)>> {
        let mut before = None;
        loop {
            let head = self.head(bucket, object).await?;
            let newest = head.newest().map(|newest| newest.version);
            let id = self.null_version(bucket, object).await?;
            if let Some(id) = id
                && let Some(found) = self.version(bucket, object, id).await?
            {
                return Ok(Some((id, Some(found))));
            }
            if before == Some((newest, id)) {
                return Ok(id.map(|id| (id, None)));
            }
            before = Some((newest, id));
        }
    }

    /// Returns the id of a key's null version.
    pub(crate) async fn null_version(&self, bucket: &Bucket, object: &str) -> Result<Option<[u8; 16]>> {
        match self.head(bucket, object).await?.newest() {
            Some(newest) if newest.null => Ok(Some(newest.version)),
            _ => {
                let buried = self.buried_null(bucket, object).await?;
                Ok(buried.map(|buried| buried.record.version))
            }
        }
    }
}

/// Returns the associated data of the manifest, stored in plaintext outside it: the version's fields and the envelope.
pub(crate) fn manifest_aad(summary: &VersionSummary, envelope: &[u8]) -> Result<Vec<u8>> {
    let mut aad = minicbor::to_vec(summary)
        .map_err(|_| Error::Damaged("the fields of a version cannot be encoded".to_owned()))?;
    aad.extend_from_slice(envelope);
    Ok(aad)
}
