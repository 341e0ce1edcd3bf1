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
use strongroom_seal::keys::{CleanStack, Wrapped as _};
use strongroom_seal::{Mode, OuterKey};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// The one algorithm there is, as S3 names it.
pub const AES256: &str = "AES256";

/// The encryption headers of a request. Absent ones are `None`; nothing is judged yet.
#[derive(Default)]
pub struct EncryptionHeaders {
    /// `x-amz-server-side-encryption`.
    pub sse: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`.
    pub kms_key_id: Option<String>,
    /// `x-amz-server-side-encryption-context`, or `-bucket-key-enabled` with `true`: only SSE-KMS knows them.
    pub kms_only: Option<&'static str>,
    /// `x-amz-server-side-encryption-customer-*`.
    pub customer: CustomerHeaders,
}

impl EncryptionHeaders {
    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        self.sse.is_some() || self.kms_key_id.is_some() || self.kms_only.is_some() || self.customer.any()
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

/// How a version is to be sealed.
pub enum Decision {
    /// SSE-S3: under the bucket's key. Also what happens unasked: nothing is ever stored in clear.
    S3,
    /// SSE-C: under the customer's key.
    Customer(OuterKey),
}

/// The key that a read brings.
pub enum ReadKey {
    /// The store's own keys open the version.
    Stored,
    /// The customer's key does.
    Customer(OuterKey),
}

impl ReadKey {
    /// The outer key to open an envelope with: the customer's, or `stored`.
    pub(crate) fn outer<'a>(&'a self, stored: &'a OuterKey) -> &'a OuterKey {
        match self {
            Self::Stored => stored,
            Self::Customer(key) => key,
        }
    }
}

/// Why a request's encryption headers will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bucket takes no customer keys.
    #[error("the bucket has blocked writes with a customer's key")]
    CustomerKeysBlocked,
    /// SSE and SSE-C in one request; the SSE value.
    #[error("server-side encryption with a customer's key goes with no other encryption method")]
    Incompatible(String),
    /// An algorithm that is not AES256; its name.
    #[error("there is no encryption algorithm {0:?}; AES256 is the one there is")]
    UnknownAlgorithm(String),
    /// A customer key without an algorithm.
    #[error("the customer key comes without its algorithm")]
    MissingAlgorithm,
    /// An algorithm without a customer key.
    #[error("the customer-key headers come without a key")]
    MissingKey,
    /// A customer key without its MD5.
    #[error("the customer key comes without its MD5")]
    MissingMd5,
    /// A customer key that is not the base64 of 32 bytes; how many it decodes to.
    #[error("the customer key is not the base64 of 32 bytes")]
    InvalidKey(Option<usize>),
    /// The MD5 is not the key's.
    #[error("the MD5 is not the customer key's")]
    Md5Mismatch,
    /// SSE-KMS, or a header of it: there is no key management service.
    #[error("{0} needs SSE-KMS, which this server does not offer")]
    NoKms(String),
    /// A KMS key id without SSE-KMS.
    #[error("a KMS key id goes only with aws:kms")]
    KmsKeyWithoutKms(String),
    /// A part of a multipart upload comes with a customer key and the upload was begun without, or the other way round.
    #[error("the part is not encrypted as the upload was begun")]
    NotAsBegun,
    /// The customer key is not the one the multipart upload was begun with.
    #[error("the customer key is not the one that the upload was begun with")]
    NotTheUploadsKey,
    /// `x-amz-server-side-encryption` on a read.
    #[error("x-amz-server-side-encryption does not belong on a read")]
    SseOnRead(String),
    /// The version needs a customer's key and none came.
    #[error("the object needs the customer's key")]
    KeyNeeded,
    /// A customer's key came for a version that has none.
    #[error("the object was not stored with a customer's key")]
    NotApplicable,
    /// The customer's key is not the one the version was stored with.
    #[error("the customer key is not the one that the object was stored with")]
    WrongKey,
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
        refuse_kms(headers.kms_key_id, headers.kms_only)?;
        return customer_key(&headers.customer).map(Decision::Customer);
    }
    match headers.sse.as_deref() {
        None | Some(AES256) => {
            refuse_kms(headers.kms_key_id, headers.kms_only)?;
            Ok(Decision::S3)
        }
        Some(kms @ ("aws:kms" | "aws:kms:dsse")) => Err(Refusal::NoKms(kms.to_owned())),
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
    refuse_kms(headers.kms_key_id, headers.kms_only)?;
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
    refuse_kms(headers.kms_key_id, headers.kms_only)?;
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

fn refuse_kms(key_id: Option<String>, only: Option<&'static str>) -> Result<(), Refusal> {
    match (key_id, only) {
        (Some(id), _) => Err(Refusal::KmsKeyWithoutKms(id)),
        (None, Some(header)) => Err(Refusal::NoKms(header.to_owned())),
        (None, None) => Ok(()),
    }
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
