//! Reading and changing the settings of a bucket, for the operations that do nothing else.

use crate::request::context::Permitted;
use crate::request::document::Element;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::S3Response;
use std::sync::Arc;
use strongroom_engine::Result as EngineResult;
use strongroom_engine::model::settings::BucketSettings;

/// Returns the settings of a bucket.
pub(super) async fn bucket_settings(
    cx: &Permitted,
    bucket: &str,
) -> Result<Arc<BucketSettings>, ErrorResponse> {
    let settings = cx.engine().bucket_settings(bucket).await;
    settings.map_err(ErrorResponse::from)
}

/// Returns the document of a request for a bucket. A missing bucket is reported before a malformed document, as on AWS.
pub(super) async fn settings_document<'a>(
    cx: &'a Permitted,
    bucket: &str,
    root: &str,
) -> Result<&'a Element, ErrorResponse> {
    bucket_settings(cx, bucket).await?;
    cx.document(root)
}

/// Changes the settings of a bucket and returns an empty output.
pub(super) async fn change_settings<T: Default>(
    cx: &Permitted,
    bucket: &str,
    change: impl Fn(&mut BucketSettings) -> EngineResult<()> + Send,
) -> OperationResult<T> {
    let changed = cx.engine().change_bucket_settings(bucket, change).await;
    changed?;
    Ok(S3Response::new(T::default()))
}

/// The response to a request for a setting that the bucket does not have.
pub(super) fn not_set(code: &'static str, message: &'static str, bucket: &str) -> ErrorResponse {
    ErrorResponse::coded(404, code, message).with("BucketName", bucket)
}
