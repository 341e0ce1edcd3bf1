//! The public access block of a bucket.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetPublicAccessBlockInput,
    GetPublicAccessBlockOutput, PublicAccessBlockConfiguration, PutPublicAccessBlockInput,
    PutPublicAccessBlockOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::model::settings::{PublicAccess, PublicAccessBlock};

const FLAGS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

pub(crate) async fn get_public_access_block(
    cx: &Permitted,
    request: S3Request<GetPublicAccessBlockInput>,
) -> OperationResult<GetPublicAccessBlockOutput> {
    let bucket = &request.input.bucket;
    let settings = bucket_settings(cx, bucket).await?;
    let block = settings.public_access_block().ok_or_else(|| {
        not_set(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
            bucket,
        )
    })?;
    Ok(S3Response::new(GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(PublicAccessBlockConfiguration {
            block_public_acls: Some(block.block_public_acls),
            block_public_policy: Some(block.block_public_policy),
            ignore_public_acls: Some(block.ignore_public_acls),
            restrict_public_buckets: Some(block.restrict_public_buckets),
        }),
    }))
}

pub(crate) async fn put_public_access_block(
    cx: &Permitted,
    request: S3Request<PutPublicAccessBlockInput>,
) -> OperationResult<PutPublicAccessBlockOutput> {
    let bucket = &request.input.bucket;
    let root = "PublicAccessBlockConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    document.expect_only(&FLAGS)?;
    let flag = |name| Ok::<_, ErrorResponse>(document.flag_of(name)?.unwrap_or_default());
    let [acls, their_effect, policy, restrict] = FLAGS.map(flag);
    let block = PublicAccessBlock {
        block_public_acls: acls?,
        ignore_public_acls: their_effect?,
        block_public_policy: policy?,
        restrict_public_buckets: restrict?,
    };
    let set = change_settings(cx, bucket, |settings| {
        settings.public_access = Some(PublicAccess::Block(block));
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_public_access_block(
    cx: &Permitted,
    request: S3Request<DeletePublicAccessBlockInput>,
) -> OperationResult<DeletePublicAccessBlockOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.public_access = Some(PublicAccess::Open);
        Ok(())
    });
    set.await
}
