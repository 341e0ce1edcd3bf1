//! The one resolver: decides how a request is encrypted, or refuses it.
//!
//! Pure. Every operation that writes an object calls [`resolve`], every operation that reads one calls [`admit`];
//! nothing else reads encryption headers. Order of checks: encryption blocked by the bucket, SSE and SSE-C together,
//! presence, algorithm, MD5, length. The errors are those recorded from AWS S3.

use crate::model::settings::BucketSettings;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use strongroom_keys::kms::Context;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::secret::CleanStack;
use strongroom_seal::{Mode, OuterKey};
use zeroize::Zeroizing;

pub(crate) mod data_key;
pub mod kms;
pub(crate) mod new_content;
#[cfg(test)]
mod tests;

pub use crate::encryption::kms::KmsWish;
pub use crate::model::encryption_headers::{CustomerHeaders, EncryptionHeaders, KeyText, KmsHeaders};
pub use crate::model::refusal::Refusal;

/// The only algorithm, as S3 names it.
pub const AES256: &str = "AES256";
/// Name of SSE-KMS in S3.
pub const AWS_KMS: &str = "aws:kms";

/// Encryption of a version, as reported in responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Holder of the outer key.
    pub mode: Mode,
    /// KMS key of the version. `None`: the mode is not SSE-KMS.
    pub kms: Option<KmsInfo>,
}

/// KMS key of a version under SSE-KMS, as reported in responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsInfo {
    /// Name of the service's key, as the request or setting gave it.
    pub key_id: String,
    /// True if one KMS key was used for many objects of the bucket.
    pub bucket_key: bool,
    /// Encryption context that the request gave.
    pub context: Context,
}

/// Decision on the encryption of a version.
pub enum Decision {
    /// SSE-S3: under the bucket's key. Also the default: nothing is ever stored in plaintext.
    S3,
    /// SSE-KMS: under a key of the KMS.
    Kms(KmsWish),
    /// SSE-C: under the customer's key.
    Customer(OuterKey),
}

impl Decision {
    /// Returns whether the `ETag` is the MD5 of the content. That of SSE-C and SSE-KMS need not be, and MD5 is what
    /// limits the speed of SSE-S3.
    pub(crate) fn etag_is_md5(&self) -> bool {
        matches!(self, Self::S3)
    }
}

/// Outer key for a read.
pub enum ReadKey {
    /// The store's own keys decrypt the version.
    Stored,
    /// The customer's key decrypts the version.
    Customer(OuterKey),
}

/// Decides how an object that a request writes into a bucket is encrypted.
///
/// # Errors
/// [`Refusal::CustomerKeysBlocked`] before any other; else the [`Refusal`] of the first invalid header.
pub fn resolve(headers: EncryptionHeaders, bucket: &BucketSettings) -> Result<Decision, Refusal> {
    if headers.customer.any() {
        if !bucket.takes_customer_keys() {
            return Err(Refusal::CustomerKeysBlocked);
        }
        if let Some(sse) = headers.sse {
            return Err(Refusal::Incompatible(sse));
        }
        headers.kms.refuse()?;
        return customer_key(&headers.customer).map(Decision::Customer);
    }
    match headers.sse.as_deref() {
        None => match bucket.default_kms() {
            Some(default) => headers
                .kms
                .by_default(default, bucket.bucket_key())
                .map(Decision::Kms),
            None => headers.kms.refuse().map(|()| Decision::S3),
        },
        Some(AES256) => headers.kms.refuse().map(|()| Decision::S3),
        Some(AWS_KMS) => headers.kms.wish(bucket.bucket_key()).map(Decision::Kms),
        Some("aws:kms:dsse") => Err(Refusal::TwoLayers),
        Some(other) => Err(Refusal::UnknownMethod(other.to_owned())),
    }
}

/// Decides which key decrypts a version stored in `mode` for a read.
///
/// # Errors
/// The [`Refusal`] of the first invalid header. A key that is well formed but wrong is detected only when the envelope
/// is opened.
pub fn admit(headers: EncryptionHeaders, mode: Mode) -> Result<ReadKey, Refusal> {
    if let Some(sse) = headers.sse {
        return Err(Refusal::SseOnRead(sse));
    }
    headers.kms.refuse()?;
    match (mode == Mode::Customer, headers.customer.any()) {
        (false, false) => Ok(ReadKey::Stored),
        (false, true) => Err(Refusal::NotApplicable),
        (true, false) => Err(Refusal::KeyNeeded),
        (true, true) => match customer_key(&headers.customer) {
            // A key of another length can only be a wrong key; AWS responds to it with 403 on a read.
            Err(Refusal::InvalidKey(Some(_))) => Err(Refusal::WrongKey),
            other => other.map(ReadKey::Customer),
        },
    }
}

/// Decides which key encrypts a part of a multipart upload that was begun in `mode`.
///
/// # Errors
/// The [`Refusal`] of the first invalid header. A key that is well formed but wrong is detected only when the envelope
/// is opened.
pub fn admit_part(headers: EncryptionHeaders, mode: Mode) -> Result<ReadKey, Refusal> {
    if let Some(sse) = headers.sse {
        return Err(Refusal::SseOnRead(sse));
    }
    headers.kms.refuse()?;
    match (mode == Mode::Customer, headers.customer.any()) {
        (false, false) => Ok(ReadKey::Stored),
        (true, true) => customer_key(&headers.customer).map(ReadKey::Customer),
        _ => Err(Refusal::NotAsBegun),
    }
}

/// Decides which encryption headers are used to complete a multipart upload that was begun in `mode`. Nothing is
/// encrypted under a customer key then, so it is optional; but, as on AWS, it is required if the upload was begun with a
/// customer key and `requested` a checksum.
///
/// # Errors
/// As [`admit_part`]; [`Refusal::MissingKey`].
pub fn admit_completion(
    headers: EncryptionHeaders,
    mode: Mode,
    requested: bool,
) -> Result<Option<EncryptionHeaders>, Refusal> {
    if headers.customer.any() {
        return Ok(Some(headers));
    }
    if requested && mode == Mode::Customer {
        return Err(Refusal::MissingKey);
    }
    admit_part(headers, Mode::S3).map(|_| None)
}

fn customer_key(headers: &CustomerHeaders) -> Result<OuterKey, Refusal> {
    let algorithm = headers.algorithm.as_deref().ok_or(Refusal::MissingAlgorithm)?;
    let text = headers.key.as_ref().ok_or(Refusal::MissingKey)?;
    let md5 = headers.md5.as_ref().ok_or(Refusal::MissingMd5)?;
    if algorithm != AES256 {
        return Err(Refusal::UnknownAlgorithm(algorithm.to_owned()));
    }
    let _clean = CleanStack;
    // Reserves more room than the key needs, so that the buffer does not grow and leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.as_bytes().len() + 3));
    BASE64_STANDARD
        .decode_vec(text.as_bytes(), &mut bytes)
        .map_err(|_| Refusal::InvalidKey(None))?;
    let computed = BASE64_STANDARD.encode(Md5::digest(&*bytes));
    verify_slices_are_equal(computed.as_bytes(), md5.as_bytes()).map_err(|_| Refusal::Md5Mismatch)?;
    let key = <&[u8; 32]>::try_from(bytes.as_slice());
    key.map(OuterKey::from_bytes)
        .map_err(|_| Refusal::InvalidKey(Some(bytes.len())))
}
