//! The one resolver: how a request is encrypted, or why not.
//!
//! Pure. Every operation that writes an object asks [`resolve`], every operation that reads one asks [`admit`];
//! nothing else looks at encryption headers. Order of checks: what the bucket blocks, SSE and SSE-C together, presence,
//! algorithm, MD5, length. Their answers are those recorded from AWS S3.

use crate::settings::BucketSettings;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use strongroom_keys::kms::Context;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::secret::CleanStack;
use strongroom_seal::{Mode, OuterKey};
use zeroize::Zeroizing;

mod kms;
mod refusal;
#[cfg(test)]
mod tests;

pub use kms::{KmsHeaders, KmsWish};
pub use refusal::Refusal;

/// The one algorithm there is, as S3 names it.
pub const AES256: &str = "AES256";
/// SSE-KMS, as S3 names it.
pub const AWS_KMS: &str = "aws:kms";

/// The encryption headers of a request. Absent ones are `None`; nothing is judged yet.
#[derive(Default)]
pub struct EncryptionHeaders {
    /// `x-amz-server-side-encryption`.
    pub sse: Option<String>,
    /// The headers of SSE-KMS.
    pub kms: KmsHeaders,
    /// `x-amz-server-side-encryption-customer-*`.
    pub customer: CustomerHeaders,
}

impl EncryptionHeaders {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.sse.is_some() || self.kms.any() || self.customer.any()
    }
}

/// The three headers of SSE-C.
#[derive(Default)]
pub struct CustomerHeaders {
    /// `...-algorithm`.
    pub algorithm: Option<String>,
    /// `...-key`, the base64 text.
    pub key: Option<KeyText>,
    /// `...-key-MD5`, the base64 text.
    pub md5: Option<String>,
}

/// The base64 text of a customer key. Wiped on drop; cannot be printed.
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    /// Takes the header's text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl CustomerHeaders {
    fn any(&self) -> bool {
        self.algorithm.is_some() || self.key.is_some() || self.md5.is_some()
    }
}

/// How a version is encrypted, as answers tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Who holds the outer key.
    pub mode: Mode,
    /// What is told of the outer key if that is a key management service.
    pub kms: Option<KmsTold>,
}

/// What is told of the key of a version under SSE-KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsTold {
    /// The service's key, as it was named.
    pub key_id: String,
    /// One key of the service's was used for many objects of the bucket.
    pub bucket_key: bool,
    /// What the key was bound to.
    pub context: Context,
}

/// How a version is to be sealed.
pub enum Decision {
    /// SSE-S3: under the bucket's key. Also what happens unasked: nothing is ever stored in clear.
    S3,
    /// SSE-KMS: under a key of a key management service.
    Kms(KmsWish),
    /// SSE-C: under the customer's key.
    Customer(OuterKey),
}

impl Decision {
    /// Whether the `ETag` is the MD5 of the content. That of SSE-C and SSE-KMS need not be, and MD5 is what limits the
    /// speed of SSE-S3.
    pub(crate) fn etag_is_md5(&self) -> bool {
        matches!(self, Self::S3)
    }
}

/// The key that a read brings.
pub enum ReadKey {
    /// The store's own keys open the version.
    Stored,
    /// The customer's key does.
    Customer(OuterKey),
}

/// Decides how a request that writes an object into a bucket is encrypted.
///
/// # Errors
/// [`Refusal::CustomerKeysBlocked`] whatever the headers hold; else the [`Refusal`] of the first that will not do.
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
        Some(other) => Err(Refusal::UnknownAlgorithm(other.to_owned())),
    }
}

/// Decides which key a read of a version stored in `mode` brings.
///
/// # Errors
/// The [`Refusal`] of the first header that will not do. A key that is well formed but wrong is found only when the
/// envelope is opened.
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
            // A key of another length can only be a wrong one; AWS answers 403 to it on a read.
            Err(Refusal::InvalidKey(Some(_))) => Err(Refusal::WrongKey),
            other => other.map(ReadKey::Customer),
        },
    }
}

/// Decides which key a request about a multipart upload in `mode` brings that writes a part of it.
///
/// # Errors
/// The [`Refusal`] of the first header that will not do. A key that is well formed but wrong is found only when the
/// envelope is opened.
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

/// Decides which key the end of a multipart upload in `mode` brings: a customer's need not come, as nothing is written
/// under it, unless the upload's parts were to have checksums that were `asked` for.
///
/// # Errors
/// As [`admit_part`]; [`Refusal::MissingKey`].
pub fn admit_completion(
    headers: EncryptionHeaders,
    mode: Mode,
    asked: bool,
) -> Result<Option<EncryptionHeaders>, Refusal> {
    if headers.customer.any() {
        return Ok(Some(headers));
    }
    if asked && mode == Mode::Customer {
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
    // With more room than the key needs, so that it does not grow and leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.0.len() + 3));
    BASE64_STANDARD
        .decode_vec(text.0.as_bytes(), &mut bytes)
        .map_err(|_| Refusal::InvalidKey(None))?;
    let told = BASE64_STANDARD.encode(Md5::digest(&*bytes));
    verify_slices_are_equal(told.as_bytes(), md5.as_bytes()).map_err(|_| Refusal::Md5Mismatch)?;
    let key = <&[u8; 32]>::try_from(bytes.as_slice());
    key.map(OuterKey::from_bytes)
        .map_err(|_| Refusal::InvalidKey(Some(bytes.len())))
}
