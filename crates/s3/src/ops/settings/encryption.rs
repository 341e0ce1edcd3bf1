//! Encryption of a bucket: the default, and blocked types.

use crate::ops::bucket_settings::{bucket_settings, change_settings, settings_document};
use crate::request::context::Permitted;
use crate::request::document::Element;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::written::{NAMESPACE, Written};
use s3s::dto::{
    DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, GetBucketEncryptionInput,
    GetBucketEncryptionOutput, PutBucketEncryptionInput, PutBucketEncryptionOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::Error;
use strongroom_engine::encryption::{AES256, AWS_KMS, Refusal};
use strongroom_engine::model::settings::{BlockedEncryption, BucketEncryption, DefaultKms};
use strongroom_sigv4::xml::Xml;

#[cfg(test)]
mod tests;

const DEFAULT: &str = "ApplyServerSideEncryptionByDefault";

/// Returns the encryption of a bucket. The default is SSE-S3 if nothing else was set, as on AWS. s3s does not know
/// the blocked types, so the document is written here.
pub(crate) async fn get_bucket_encryption(
    cx: &Permitted,
    request: S3Request<GetBucketEncryptionInput>,
) -> OperationResult<GetBucketEncryptionOutput> {
    let settings = bucket_settings(cx, &request.input.bucket).await?;
    let mut response = S3Response::new(GetBucketEncryptionOutput::default());
    let document = write(&settings.encryption.clone().unwrap_or_default());
    response.extensions.insert(Written(document));
    Ok(response)
}

pub(crate) async fn put_bucket_encryption(
    cx: &Permitted,
    request: S3Request<PutBucketEncryptionInput>,
) -> OperationResult<PutBucketEncryptionOutput> {
    let bucket = &request.input.bucket;
    let root = "ServerSideEncryptionConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    let encryption = read(document)?;
    let set = change_settings(cx, bucket, |settings| {
        // Without blocked types in the request, the current ones stay.
        let before = settings.encryption.as_ref().and_then(|before| before.blocked);
        settings.encryption = Some(BucketEncryption {
            blocked: encryption.blocked.or(before),
            ..encryption.clone()
        });
        Ok(())
    });
    set.await
}

/// Removes the encryption settings. The bucket then behaves like a new one: SSE-S3, nothing blocked.
pub(crate) async fn delete_bucket_encryption(
    cx: &Permitted,
    request: S3Request<DeleteBucketEncryptionInput>,
) -> OperationResult<DeleteBucketEncryptionOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.encryption = None;
        Ok(())
    });
    set.await
}

fn read(document: &Element) -> Result<BucketEncryption, ErrorResponse> {
    let rule = document.expect_only(&["Rule"])?.expect_one("Rule")?;
    rule.expect_only(&[DEFAULT, "BucketKeyEnabled", "BlockedEncryptionTypes"])?;
    let kms = match rule.find(DEFAULT)? {
        Some(default) => default_kms(default)?,
        None => None,
    };
    let types = rule.find("BlockedEncryptionTypes")?;
    if rule.find(DEFAULT)?.is_none() && types.is_none() {
        return Err(rule.malformed(DEFAULT, "is missing"));
    }
    // Some clients write an empty list if they set nothing.
    let types = types.filter(|types| !types.is_empty());
    let blocked = types.map(blocked).transpose()?;
    Ok(BucketEncryption {
        bucket_key: rule.flag_of("BucketKeyEnabled")?.unwrap_or_default(),
        blocked,
        kms,
    })
}

/// Returns the KMS key of the default. `None`: the default is SSE-S3. As on AWS, a missing key is reported when it is
/// used.
fn default_kms(default: &Element) -> Result<Option<DefaultKms>, ErrorResponse> {
    default.expect_only(&["SSEAlgorithm", "KMSMasterKeyID"])?;
    let key = default.text_of("KMSMasterKeyID")?;
    match default.word_of("SSEAlgorithm")? {
        Some(AES256) if key.is_some() => Err(ErrorResponse::invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        )
        .with("ArgumentName", DEFAULT)),
        Some(AES256) => Ok(None),
        Some(AWS_KMS) => {
            let key = default.kms_key_of("KMSMasterKeyID")?.map(str::to_owned);
            Ok(Some(DefaultKms { key }))
        }
        Some("aws:kms:dsse") => Err(ErrorResponse::of(&Error::from(Refusal::TwoLayers))),
        _ => Err(default.malformed("SSEAlgorithm", "must be AES256 or aws:kms")),
    }
}

fn blocked(types: &Element) -> Result<BlockedEncryption, ErrorResponse> {
    match types
        .expect_only(&["EncryptionType"])?
        .word_of("EncryptionType")?
    {
        Some("SSE-C") => Ok(BlockedEncryption::CustomerKeys),
        Some("NONE") => Ok(BlockedEncryption::Nothing),
        _ => Err(types.malformed("EncryptionType", "must be SSE-C or NONE")),
    }
}

fn write(encryption: &BucketEncryption) -> String {
    let blocked = match encryption.blocked {
        None | Some(BlockedEncryption::Nothing) => "NONE",
        Some(BlockedEncryption::CustomerKeys) => "SSE-C",
    };
    let algorithm = if encryption.kms.is_some() { AWS_KMS } else { AES256 };
    let key = encryption.kms.as_ref().and_then(|kms| kms.key.as_deref());
    Xml::document_in("ServerSideEncryptionConfiguration", NAMESPACE, |xml| {
        xml.nest("Rule", |xml| {
            xml.nest(DEFAULT, |xml| {
                xml.text("SSEAlgorithm", algorithm);
                if let Some(key) = key {
                    xml.text("KMSMasterKeyID", key);
                }
            });
            xml.text("BucketKeyEnabled", &encryption.bucket_key.to_string());
            xml.nest("BlockedEncryptionTypes", |xml| {
                xml.text("EncryptionType", blocked);
            });
        });
    })
}
