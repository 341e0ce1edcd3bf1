//! Encryption headers: the one place where a request's become key types, and where an answer's are made.

use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue};
use strongroom_access::policy::key as policy;
use strongroom_engine::Mode;
use strongroom_engine::encryption::{
    AES256, AWS_KMS, CustomerHeaders, Encrypted, EncryptionHeaders, KeyText, KmsHeaders,
};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Begins all headers about encryption.
const PREFIX: &str = "x-amz-server-side-encryption";
/// Begins those about the source of a copy.
const COPY_SOURCE: &str = "x-amz-copy-source-server-side-encryption";

const SSE: &str = "x-amz-server-side-encryption";
const KMS_KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
const ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";
const KEY: &str = "x-amz-server-side-encryption-customer-key";
const KEY_MD5: &str = "x-amz-server-side-encryption-customer-key-md5";

const KNOWN: [&str; 7] = [SSE, KMS_KEY_ID, CONTEXT, BUCKET_KEY, ALGORITHM, KEY, KEY_MD5];
const KNOWN_OF_COPIES: [&str; 3] = [
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
];

/// Whether a header, or query parameter, of this lower-case name is about encryption.
pub(crate) fn is_about_encryption(name: &str) -> bool {
    name.starts_with(PREFIX) || name.starts_with(COPY_SOURCE)
}

/// Whether a header of this lower-case name carries, or belongs to, a customer's key.
pub(crate) fn is_about_customer_key(name: &str) -> bool {
    name.starts_with(ALGORITHM) || name.starts_with(KEY) || name.starts_with(COPY_SOURCE)
}

/// Marks the headers of customers' keys, so that they show nothing where headers are printed.
pub(crate) fn hide_customer_keys(headers: &mut HeaderMap) {
    for (name, value) in headers {
        if is_about_customer_key(name.as_str()) {
            value.set_sensitive(true);
        }
    }
}

/// Refuses encryption headers that could be misread: unknown ones, ones sent twice, ones that are no text. Ignoring
/// any of them could store an object otherwise than its owner believes. No answer quotes a value.
///
/// # Errors
/// The answer to send.
pub(crate) fn check_form(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    for name in headers.keys().filter(|name| is_about_encryption(name.as_str())) {
        let known = KNOWN.contains(&name.as_str()) || KNOWN_OF_COPIES.contains(&name.as_str());
        if !known {
            return Err(ErrorResponse::not_implemented(format!(
                "A header you provided implies functionality that is not implemented: {name}"
            )));
        }
        let mut values = headers.get_all(name).iter();
        let text = values.next().is_some_and(|value| value.to_str().is_ok());
        if !text {
            return Err(ErrorResponse::invalid_argument(format!(
                "The header {name} must be plain ASCII text."
            )));
        }
        if values.next().is_some() {
            return Err(ErrorResponse::invalid_argument(format!(
                "The header {name} was sent more than once."
            )));
        }
    }
    Ok(())
}

/// The encryption headers of a request, taken out of the others. The key is wiped when this is dropped.
pub(crate) struct Encryption {
    sse: Option<String>,
    kms_key_id: Option<String>,
    context: Option<String>,
    bucket_key: Option<String>,
    algorithm: Option<String>,
    key: Option<Zeroizing<String>>,
    md5: Option<String>,
}

impl Encryption {
    /// Takes them. Call after [`check_form`].
    pub(crate) fn take(headers: &mut HeaderMap) -> Self {
        let mut text = |name: &str| {
            headers
                .remove(name)
                .and_then(|value| value.to_str().ok().map(str::to_owned))
        };
        Self {
            sse: text(SSE),
            kms_key_id: text(KMS_KEY_ID),
            context: text(CONTEXT),
            bucket_key: text(BUCKET_KEY),
            algorithm: text(ALGORITHM),
            key: text(KEY).map(Zeroizing::new),
            md5: text(KEY_MD5),
        }
    }

    /// Takes those about the source of a copy.
    pub(crate) fn take_of_source(headers: &mut HeaderMap) -> Self {
        let [algorithm, key, md5] = KNOWN_OF_COPIES.map(|name| {
            let value = headers.remove(name)?;
            value.to_str().ok().map(str::to_owned)
        });
        Self {
            sse: None,
            kms_key_id: None,
            context: None,
            bucket_key: None,
            algorithm,
            key: key.map(Zeroizing::new),
            md5,
        }
    }

    /// Whether there are any about a customer's key.
    pub(crate) fn has_customer_key(&self) -> bool {
        self.algorithm.is_some() || self.key.is_some() || self.md5.is_some()
    }

    /// Returns the condition keys of these headers and their values. The customer's key is not among them.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&'static str, String)> {
        let conditions = [
            (policy::SSE, &self.sse),
            (policy::SSE_KMS_KEY_ID, &self.kms_key_id),
            (policy::SSE_CUSTOMER_ALGORITHM, &self.algorithm),
        ];
        conditions
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)))
    }

    /// As the resolver takes them.
    pub(crate) fn headers(&self) -> EncryptionHeaders {
        EncryptionHeaders {
            sse: self.sse.clone(),
            kms: KmsHeaders {
                key_id: self.kms_key_id.clone(),
                context: self.context.clone(),
                bucket_key: self.bucket_key.clone(),
            },
            customer: CustomerHeaders {
                algorithm: self.algorithm.clone(),
                key: self.key.as_ref().map(|key| KeyText::new(String::clone(key))),
                md5: self.md5.clone(),
            },
        }
    }

    /// Adds to an answer how the object is encrypted: the mode, the KMS key's id, or what the request told of the
    /// customer's key, never the key.
    pub(crate) fn tell(&self, encrypted: &Encrypted, answer: &mut HeaderMap) {
        let mut tell = |name: &'static str, value: &str| {
            // What cannot stand in a header was never in one: a bucket's default may name a key so.
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.insert(name, value);
            }
        };
        match (&encrypted.kms, encrypted.mode) {
            (_, Mode::Customer) => {
                for (name, value) in [(ALGORITHM, &self.algorithm), (KEY_MD5, &self.md5)] {
                    if let Some(value) = value {
                        tell(name, value);
                    }
                }
            }
            (Some(kms), _) => {
                tell(SSE, AWS_KMS);
                tell(KMS_KEY_ID, &kms.key_id);
                if kms.bucket_key {
                    tell(BUCKET_KEY, "true");
                }
            }
            (None, _) => tell(SSE, AES256),
        }
    }

    /// As [`Self::tell`], to who writes: with what the key was bound to, as AWS does.
    pub(crate) fn tell_writer(&self, encrypted: &Encrypted, answer: &mut HeaderMap) {
        self.tell(encrypted, answer);
        let context = encrypted
            .kms
            .as_ref()
            .and_then(|kms| serde_json::to_vec(&kms.context).ok());
        let context = context.and_then(|json| HeaderValue::from_str(&BASE64_STANDARD.encode(json)).ok());
        if let Some(context) = context {
            answer.insert(CONTEXT, context);
        }
    }
}
