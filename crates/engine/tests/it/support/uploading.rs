//! Multipart uploads in short form.

use crate::support::protection::Protection;
use crate::support::vault::{BUCKET, Vault, body, content, new_object};
use bytes::Bytes;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::upload::{
    BeginUpload, CompleteUpload, CompletedPart, Completion, PartOutcome, UploadName, UploadPart,
};
use strongroom_engine::{Engine, Result};

/// Minimum size of every part but the last.
pub(crate) const PART: usize = 5 << 20;

/// Generates many bytes quickly; no two chunks are equal.
pub(crate) fn bulk(seed: u64, length: usize) -> Bytes {
    let mut bytes = content(seed, 65_521).repeat(length.div_ceil(65_521));
    bytes.truncate(length);
    bytes.into()
}

/// An upload in progress.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) engine: Engine,
    pub(crate) name: UploadName,
    pub(crate) protection: Protection,
}

impl Vault {
    pub(crate) async fn begin(&self, key: &str, protection: Protection) -> Upload {
        self.begin_with(key, protection, None).await
    }

    pub(crate) async fn begin_with(
        &self,
        key: &str,
        protection: Protection,
        checksum: Option<(ChecksumAlgorithm, Option<bool>)>,
    ) -> Upload {
        let begin = BeginUpload {
            object: new_object(BUCKET, key, protection),
            checksum,
            initiator: None,
        };
        Upload::begin(&self.engine, begin, protection).await.unwrap()
    }

    /// Uploads these parts and completes the upload.
    pub(crate) async fn multipart(&self, key: &str, protection: Protection, parts: &[Bytes]) -> Completion {
        let upload = self.begin(key, protection).await;
        upload.all(parts).await
    }
}

impl Upload {
    pub(crate) async fn begin(engine: &Engine, begin: BeginUpload, protection: Protection) -> Result<Self> {
        let (bucket, key) = (begin.object.bucket.clone(), begin.object.key.clone());
        let upload = engine.begin_upload(begin).await?;
        Ok(Self {
            engine: engine.clone(),
            name: UploadName {
                bucket,
                key,
                id: upload.id,
            },
            protection,
        })
    }

    pub(crate) async fn part(&self, number: i64, bytes: impl Into<Bytes>) -> Result<PartOutcome> {
        let bytes = bytes.into();
        let part = self.part_request(number, bytes.len(), self.protection.on_read());
        self.engine.upload_part(part, body(bytes)).await
    }

    /// Builds the request that uploads a part.
    pub(crate) fn part_request(
        &self,
        number: i64,
        length: usize,
        encryption: EncryptionHeaders,
    ) -> UploadPart {
        UploadPart {
            upload: self.name.clone(),
            number,
            encryption,
            length: length as u64,
            md5: None,
            checksum: None,
        }
    }

    /// Uploads parts from number 1 on and completes the upload.
    pub(crate) async fn all(&self, parts: &[Bytes]) -> Completion {
        let mut listed = Vec::new();
        for (number, part) in (1..).zip(parts) {
            listed.push(listing(number, &self.part(number, part.clone()).await.unwrap()));
        }
        self.complete(&listed).await.unwrap()
    }

    pub(crate) async fn complete(&self, parts: &[CompletedPart]) -> Result<Completion> {
        self.engine.complete_upload(self.completion(parts)).await
    }

    /// Builds the request that completes the upload, without a customer key.
    pub(crate) fn completion(&self, parts: &[CompletedPart]) -> CompleteUpload {
        CompleteUpload {
            upload: self.name.clone(),
            parts: parts.to_vec(),
            encryption: EncryptionHeaders::default(),
            checksum: None,
            composite: None,
            length: None,
            conditions: WriteConditions::default(),
        }
    }

    pub(crate) async fn abort(&self) -> Result<()> {
        self.engine.abort_upload(&self.name).await
    }
}

/// Returns the entry of a part in the completion request.
pub(crate) fn listing(number: i64, part: &PartOutcome) -> CompletedPart {
    CompletedPart {
        number,
        etag: part.etag.clone(),
        checksum: None,
    }
}
