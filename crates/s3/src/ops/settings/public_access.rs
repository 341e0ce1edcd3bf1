//! The public access block of a bucket.

use crate::ops::operations::{Operations, Outcome, not_set};
use s3s::dto::{
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetPublicAccessBlockInput,
    GetPublicAccessBlockOutput, PublicAccessBlockConfiguration, PutPublicAccessBlockInput,
    PutPublicAccessBlockOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::settings::{PublicAccess, PublicAccessBlock};

const FLAGS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

pub(crate) async fn get_public_access_block(
    operations: &Operations,
    request: S3Request<GetPublicAccessBlockInput>,
) -> Outcome<GetPublicAccessBlockOutput> {
    let bucket = &request.input.bucket;
    let settings = operations.settings(bucket).await?;
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
    operations: &Operations,
    request: S3Request<PutPublicAccessBlockInput>,
) -> Outcome<PutPublicAccessBlockOutput> {
    let bucket = &request.input.bucket;
    let root = "PublicAccessBlockConfiguration";
    let document = operations.document(bucket, &request.extensions, root).await?;
    document.knows(&FLAGS)?;
    let flag = |name| Ok(document.flag_of(name)?.unwrap_or_default());
    let [acls, their_effect, policy, restrict] = FLAGS.map(flag);
    let block = PublicAccessBlock {
        block_public_acls: acls?,
        ignore_public_acls: their_effect?,
        block_public_policy: policy?,
        restrict_public_buckets: restrict?,
    };
    let set = operations.change(bucket, |settings| {
        settings.public_access = Some(PublicAccess::Block(block));
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_public_access_block(
    operations: &Operations,
    request: S3Request<DeletePublicAccessBlockInput>,
) -> Outcome<DeletePublicAccessBlockOutput> {
    let set = operations.change(&request.input.bucket, |settings| {
        settings.public_access = Some(PublicAccess::Open);
        Ok(())
    });
    set.await
}
