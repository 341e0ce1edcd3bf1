//! The headers of SSE-KMS, and the key that they select.

use crate::model::encryption_headers::KmsHeaders;
use crate::model::refusal::Refusal;
use crate::model::settings::encryption::DefaultKms;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use strongroom_keys::kms::Context;

#[cfg(test)]
mod tests;

/// Prefix of names in an encryption context that are reserved for the store.
const RESERVED: &str = "aws:";

/// Bytes of a hash that a fingerprint shows.
const FINGERPRINT: usize = 8;

/// KMS key that a version is to be encrypted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsWish {
    /// Name of the key. `None`: the default key of the KMS.
    pub key: Option<String>,
    /// Encryption context of the request.
    pub context: Context,
    /// True if one KMS key may be used for many objects of the bucket.
    pub bucket_key: bool,
}

impl KmsWish {
    /// Selects the key of this name, with an empty encryption context.
    pub fn of_key(key: String, bucket_key: bool) -> Self {
        Self {
            key: Some(key),
            context: Context::new(),
            bucket_key,
        }
    }
}

/// Returns the text for the audit log that stands for the name of a KMS key that no service knows: a hash of it. The
/// name itself may be a secret that a client sent in the wrong header.
pub(super) fn fingerprint(name: &str) -> String {
    let hash = digest(&SHA256, name.as_bytes());
    format!("fingerprint:{}", hex::encode(&hash.as_ref()[..FINGERPRINT]))
}

impl KmsHeaders {
    /// Refuses all headers of SSE-KMS except a bucket key set to `false`.
    pub(super) fn refuse(self) -> Result<(), Refusal> {
        if let Some(id) = self.key_id {
            return Err(Refusal::KmsKeyWithoutKms(id));
        }
        if self.context.is_some() {
            return Err(Refusal::KmsHeaderWithoutKms(
                "x-amz-server-side-encryption-context",
            ));
        }
        match bucket_key(self.bucket_key)? {
            Some(true) => Err(Refusal::KmsHeaderWithoutKms(
                "x-amz-server-side-encryption-bucket-key-enabled",
            )),
            _ => Ok(()),
        }
    }

    /// Returns the key that a request for SSE-KMS selects. `bucket_keys`: the bucket's setting.
    pub(super) fn wish(self, bucket_keys: bool) -> Result<KmsWish, Refusal> {
        Ok(KmsWish {
            key: self.key_id,
            context: self
                .context
                .map(|text| context(&text))
                .transpose()?
                .unwrap_or_default(),
            bucket_key: bucket_key(self.bucket_key)?.unwrap_or(bucket_keys),
        })
    }

    /// Returns the key for a request that names no encryption, in a bucket whose default is SSE-KMS.
    pub(super) fn by_default(self, default: &DefaultKms, bucket_keys: bool) -> Result<KmsWish, Refusal> {
        if let Some(id) = self.key_id {
            return Err(Refusal::KmsKeyWithoutKms(id));
        }
        let wish = self.wish(bucket_keys)?;
        Ok(KmsWish {
            key: default.key.clone(),
            ..wish
        })
    }
}

fn bucket_key(text: Option<String>) -> Result<Option<bool>, Refusal> {
    match text {
        None => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(text) => Err(Refusal::InvalidBucketKey(text)),
    }
}

fn context(text: &str) -> Result<Context, Refusal> {
    let json = BASE64_STANDARD
        .decode(text)
        .map_err(|_| Refusal::InvalidContext)?;
    let context: Context = serde_json::from_slice(&json).map_err(|_| Refusal::InvalidContext)?;
    match context.keys().find(|name| name.starts_with(RESERVED)) {
        Some(name) => Err(Refusal::ReservedContext(name.clone())),
        None => Ok(context),
    }
}
