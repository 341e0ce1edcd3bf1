//! What is set for a bucket: one file for each group of sub-resources.

pub(super) mod acl;
pub(super) mod bucket_lock;
pub(super) mod bucket_tagging;
pub(super) mod cors;
pub(super) mod encryption;
pub(super) mod lifecycle;
pub(super) mod not_configured;
pub(super) mod ownership;
pub(super) mod policy;
pub(super) mod public_access;
pub(super) mod versioning;

use super::Operations;
use crate::document::{Document, Element};
use crate::errors::Answer;
use http::Extensions;
use s3s::S3Response;
use std::sync::Arc;
use strongroom_engine::Result as EngineResult;
use strongroom_engine::settings::BucketSettings;

pub(super) type Outcome<T> = Result<S3Response<T>, Answer>;

impl Operations {
    /// What is set for a bucket.
    pub(super) async fn settings(&self, bucket: &str) -> Result<Arc<BucketSettings>, Answer> {
        let settings = self.engine.bucket_settings(bucket).await;
        settings.map_err(|error| Answer::of(&error))
    }

    /// The document that a request for a bucket came with. That the bucket is there is asked first, as AWS does.
    async fn document<'a>(
        &self,
        bucket: &str,
        extensions: &'a Extensions,
        root: &str,
    ) -> Result<&'a Element, Answer> {
        self.settings(bucket).await?;
        Document::of(extensions, root)
    }

    async fn change<T: Default>(
        &self,
        bucket: &str,
        change: impl Fn(&mut BucketSettings) -> EngineResult<()> + Send,
    ) -> Outcome<T> {
        let changed = self.engine.change_bucket_settings(bucket, change).await;
        changed.map_err(|error| Answer::of(&error))?;
        Ok(S3Response::new(T::default()))
    }
}

/// The answer to who asks for something that was never set for a bucket.
fn not_set(code: &'static str, message: &'static str, bucket: &str) -> Answer {
    Answer::coded(404, code, message).with("BucketName", bucket)
}
