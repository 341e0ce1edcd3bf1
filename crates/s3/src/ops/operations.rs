//! The engine as the operations use it.

use crate::request::document::{Document, Element};
use crate::response::error::ErrorResponse;
use crate::settings::Settings;
use http::Extensions;
use s3s::S3Response;
use std::sync::Arc;
use strongroom_engine::settings::BucketSettings;
use strongroom_engine::{Engine, Result as EngineResult};

/// The engine, as s3s calls it.
pub(crate) struct Operations {
    pub(super) engine: Arc<Engine>,
    pub(super) settings: Settings,
}

impl Operations {
    pub(crate) fn new(engine: Arc<Engine>, settings: Settings) -> Self {
        Self { engine, settings }
    }
}

pub(super) type Outcome<T> = Result<S3Response<T>, ErrorResponse>;

impl Operations {
    /// What is set for a bucket.
    pub(super) async fn settings(&self, bucket: &str) -> Result<Arc<BucketSettings>, ErrorResponse> {
        let settings = self.engine.bucket_settings(bucket).await;
        settings.map_err(|error| ErrorResponse::of(&error))
    }

    /// The document that a request for a bucket came with. That the bucket is there is asked first, as AWS does.
    pub(super) async fn document<'a>(
        &self,
        bucket: &str,
        extensions: &'a Extensions,
        root: &str,
    ) -> Result<&'a Element, ErrorResponse> {
        self.settings(bucket).await?;
        Document::of(extensions, root)
    }

    pub(super) async fn change<T: Default>(
        &self,
        bucket: &str,
        change: impl Fn(&mut BucketSettings) -> EngineResult<()> + Send,
    ) -> Outcome<T> {
        let changed = self.engine.change_bucket_settings(bucket, change).await;
        changed.map_err(|error| ErrorResponse::of(&error))?;
        Ok(S3Response::new(T::default()))
    }
}

/// The answer to who asks for something that was never set for a bucket.
pub(super) fn not_set(code: &'static str, message: &'static str, bucket: &str) -> ErrorResponse {
    ErrorResponse::coded(404, code, message).with("BucketName", bucket)
}
