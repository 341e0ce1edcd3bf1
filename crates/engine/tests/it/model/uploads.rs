//! Multipart uploads within random sequences of operations.

use crate::model::run::{OpenUpload, Run, SIZES};
use crate::support::uploading::{PART, Upload, listing};
use crate::support::vault::{BUCKET, new_object};
use crate::support::versioning::reading_version;
use std::collections::BTreeMap;
use strongroom_engine::upload::BeginUpload;

impl Run {
    pub(crate) async fn begin(&mut self, key: &str) {
        let content = self.content(0);
        let mut object = new_object(BUCKET, key, content.protection);
        object.metadata.insert("m".into(), content.metadata.clone());
        object.tags = content.tags.clone();
        let checksum = None;
        let begin = BeginUpload {
            object,
            checksum,
            initiator: None,
        };
        let upload = Upload::begin(&self.vault.engine, begin, content.protection).await;
        self.uploads.push(OpenUpload {
            upload: upload.unwrap(),
            parts: BTreeMap::new(),
            content,
        });
    }

    /// Uploads or copies a part. Number 5 is the last part and may be small.
    pub(crate) async fn part(&mut self) {
        if self.uploads.is_empty() {
            return;
        }
        let at = self.random.below(self.uploads.len());
        let number = self.random.one_of(&[1, 3, 5, 5]);
        let source = self.any_object().filter(|_| self.random.happens());
        let size = if number == 5 {
            self.random.one_of(&SIZES)
        } else {
            PART
        };
        let bytes = self.bytes(size);
        let underway = &mut self.uploads[at];
        underway.upload.engine = self.vault.engine.clone();
        let (part, bytes) = match source {
            Some((key, name, content, _)) if number == 5 && !content.bytes.is_empty() => {
                let last = self.random.below(content.bytes.len());
                let first = self.random.below(last + 1);
                let range = (first as u64, last as u64);
                let source = reading_version(&key, name);
                let upload = &underway.upload;
                let copied = upload.part_from(number, &source, content.protection, Some(range));
                (copied.await.unwrap(), content.bytes.slice(first..=last))
            }
            _ => (underway.upload.part(number, bytes.clone()).await.unwrap(), bytes),
        };
        underway.parts.insert(number, (listing(number, &part), bytes));
    }

    pub(crate) async fn end_upload(&mut self) {
        if self.uploads.is_empty() {
            return;
        }
        let at = self.random.below(self.uploads.len());
        let mut underway = self.uploads.swap_remove(at);
        underway.upload.engine = self.vault.engine.clone();
        if underway.parts.is_empty() || self.random.below(4) == 0 {
            underway.upload.abort().await.unwrap();
            return;
        }
        if underway.parts.len() > 1 && self.random.below(3) == 0 {
            underway.parts.pop_first();
        }
        let (listed, bytes): (Vec<_>, Vec<_>) = underway.parts.into_values().unzip();
        let completed = underway.upload.complete(&listed).await.unwrap();
        let mut content = underway.content;
        content.bytes = bytes.concat().into();
        self.model
            .put(&underway.upload.name.key, &completed.committed, content);
    }
}
