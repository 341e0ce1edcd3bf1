//! The completion of a large upload. Its parts are sealed and their rows are on the disk, but their bytes are discarded:
//! completing needs only rows, and would fail if it read the bytes.

use crate::figures::Times;
use crate::place::{Place, new_object};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use md5::{Digest as _, Md5};
use std::path::Path;
use std::sync::{Arc, Mutex};
use strongroom_engine::encryption::{AES256, CustomerHeaders, EncryptionHeaders, KeyText};
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::upload::{BeginUpload, CompleteUpload, CompletedPart, UploadName, UploadPart};
use strongroom_store::{
    Admission, BlobId, BlobReader, BlobWriter, Blobs, LostBlob, Result, Store, StoreError, WrittenBlob,
};

const BUCKET: &str = "uploads";

/// Minimum size of every part but the last.
pub(crate) const SMALLEST_PART: usize = 5 << 20;

pub(crate) async fn measure(directory: &Path, full: bool) {
    let (parts, rounds) = if full { (10_000, 3) } else { (500, 1) };
    let place = Place::through(directory, |store| Store {
        blobs: Arc::new(Nowhere),
        ..store
    })
    .await;
    place.bucket(BUCKET, false).await;
    let (mut completing, mut heads, mut cost) = (Times::default(), Times::default(), None);
    for _ in 0..rounds {
        let (upload, listed) = upload(&place, BUCKET, "large", parts, SMALLEST_PART).await;
        let before = place.meter.snapshot();
        Box::pin(completing.take(complete(&place, upload, listed))).await;
        let after = place.meter.snapshot();
        assert_eq!(
            (after.bytes_written, after.bytes_read),
            (before.bytes_written, before.bytes_read),
            "no data moves"
        );
        cost = Some((
            after.index_commits.made - before.index_commits.made,
            after.rows_scanned - before.rows_scanned,
        ));
        for _ in 0..20 {
            let read = ReadObject {
                bucket: BUCKET.to_owned(),
                key: "large".to_owned(),
                ..ReadObject::default()
            };
            let head = heads.take(place.engine.head_object(&read, on_read())).await;
            assert_eq!(head.unwrap().0.parts, usize::try_from(parts).ok());
        }
    }
    let (commits, rows) = cost.unwrap_or_default();
    println!("\nAn upload of {parts} parts of 5 MiB, {rounds} rounds:\n");
    println!(
        "complete  {:8.1} ms   {commits} commit, {rows} rows read, no byte of a blob read or written",
        completing.median()
    );
    println!("head      {:8.2} ms", heads.median());
}

/// Uploads equal parts under a customer key.
pub(crate) async fn upload(
    place: &Place,
    bucket: &'static str,
    key: &'static str,
    parts: u64,
    length: usize,
) -> (UploadName, Vec<CompletedPart>) {
    let begin = BeginUpload {
        object: new_object(bucket, key, on_read()),
        checksum: None,
        initiator: None,
    };
    let upload = place.engine.begin_upload(begin).await.unwrap();
    let upload = UploadName {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        id: upload.id,
    };
    let piece = Bytes::from(vec![7; 256 << 10]);
    let listed = Arc::new(Mutex::new(Vec::new()));
    let (name, all) = (upload.clone(), Arc::clone(&listed));
    let work = move |engine: strongroom_engine::Engine, number: u64| {
        let number = i64::try_from(number).unwrap() + 1;
        let (piece, all) = (piece.clone(), Arc::clone(&all));
        let part = UploadPart {
            upload: name.clone(),
            number,
            encryption: on_read(),
            length: length as u64,
            md5: None,
            checksum: None,
        };
        async move {
            let pieces = std::iter::repeat_n(piece.clone(), length / piece.len());
            let body = stream::iter(pieces.map(Ok)).boxed();
            let etag = engine.upload_part(part, body).await.unwrap().etag;
            let checksum = None;
            all.lock().unwrap().push(CompletedPart {
                number,
                etag,
                checksum,
            });
        }
    };
    place.each(bucket, "parts", parts, work).await;
    let mut listed = std::mem::take(&mut *listed.lock().unwrap());
    listed.sort_by_key(|part| part.number);
    (upload, listed)
}

pub(crate) async fn complete(place: &Place, upload: UploadName, parts: Vec<CompletedPart>) {
    let complete = CompleteUpload {
        upload,
        parts,
        encryption: EncryptionHeaders::default(),
        checksum: None,
        composite: None,
        length: None,
        conditions: WriteConditions::default(),
    };
    place.engine.complete_upload(complete).await.unwrap();
}

/// Returns SSE-C headers, with which no `ETag` has to be an MD5.
pub(crate) fn on_read() -> EncryptionHeaders {
    customer([9; 32])
}

/// Returns the headers of SSE-C with this key.
pub(crate) fn customer(key: [u8; 32]) -> EncryptionHeaders {
    EncryptionHeaders {
        customer: CustomerHeaders {
            algorithm: Some(AES256.to_owned()),
            key: Some(KeyText::new(BASE64_STANDARD.encode(key))),
            md5: Some(BASE64_STANDARD.encode(Md5::digest(key))),
        },
        ..EncryptionHeaders::default()
    }
}

/// Accepts blobs and discards them.
struct Nowhere;

struct NowhereWriter(u64);

#[async_trait]
impl Blobs for Nowhere {
    async fn admit(&self, _: u64) -> Result<Admission> {
        Ok(Admission::unlimited())
    }

    async fn create(&self, _: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(NowhereWriter(0)))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        Err(StoreError::NotFound(format!("blob {id}")))
    }

    async fn sync_deletions(&self) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, _: BlobId) -> Result<()> {
        Ok(())
    }

    async fn list(&self, _: Option<BlobId>, _: usize) -> Result<Vec<BlobId>> {
        Ok(Vec::new())
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        Err(StoreError::NotFound(format!("blob {id}")))
    }

    async fn set_aside(&self, id: BlobId, _: u64) -> Result<u64> {
        Err(StoreError::NotFound(format!("blob {id}")))
    }

    async fn list_lost(&self, _: Option<BlobId>, _: usize) -> Result<Vec<LostBlob>> {
        Ok(Vec::new())
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        Err(StoreError::NotFound(format!("blob {id}")))
    }

    async fn delete_lost(&self, _: BlobId) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl BlobWriter for NowhereWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.0 += bytes.len() as u64;
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<WrittenBlob> {
        Ok(WrittenBlob {
            length: self.0,
            checksum: 0,
        })
    }
}
