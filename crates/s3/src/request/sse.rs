//! Encryption headers. The only place where those of a request become key types, and where those of a response are
//! written.

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

/// Prefix of all headers about encryption.
const PREFIX: &str = "x-amz-server-side-encryption";
/// Prefix of those about the source of a copy.
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

/// Returns whether a header or query parameter of this lower-case name is about encryption.
pub(crate) fn is_about_encryption(name: &str) -> bool {
    name.starts_with(PREFIX) || name.starts_with(COPY_SOURCE)
}

/// Returns whether a header of this lower-case name carries, or belongs to, a customer key.
pub(crate) fn is_about_customer_key(name: &str) -> bool {
    name.starts_with(ALGORITHM) || name.starts_with(KEY) || name.starts_with(COPY_SOURCE)
}

/// Marks the encryption headers as sensitive, so that printing the headers does not show them. Any of them may contain
/// a customer key by mistake.
pub(crate) fn hide_encryption(headers: &mut HeaderMap) {
    for (name, value) in headers {
        if is_about_encryption(name.as_str()) {
            value.set_sensitive(true);
        }
    }
}

/// Refuses encryption headers that could be misread: unknown, duplicate, or not text. Ignoring one could store an
/// object differently than its owner believes. No error quotes a value.
///
/// # Errors
/// `NotImplemented`; `InvalidArgument`.
pub(crate) fn check_encryption_headers(headers: &HeaderMap) -> Result<(), ErrorResponse> {
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

/// Encryption headers of a request, taken out of the other headers. The key is wiped on drop.
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
    /// Takes the encryption headers out of the headers. Call after [`check_encryption_headers`].
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

    /// Takes the encryption headers about the source of a copy out of the headers.
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

    /// Returns whether any header about a customer key was sent.
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

    /// Returns the headers as the resolver of the engine takes them.
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

    /// Writes the response headers that describe the encryption of an object: the mode, the id of the KMS key, or the
    /// algorithm and the MD5 of the customer key as sent. The customer key is never written.
    pub(crate) fn write_headers(&self, encrypted: &Encrypted, headers: &mut HeaderMap) {
        let mut write = |name: &'static str, value: &str| {
            // A value that cannot be in a header came from the default of a bucket, which may name a key so.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        match (&encrypted.kms, encrypted.mode) {
            (_, Mode::Customer) => {
                for (name, value) in [(ALGORITHM, &self.algorithm), (KEY_MD5, &self.md5)] {
                    if let Some(value) = value {
                        write(name, value);
                    }
                }
            }
            (Some(kms), _) => {
                write(SSE, AWS_KMS);
                write(KMS_KEY_ID, &kms.key_id);
                if kms.bucket_key {
                    write(BUCKET_KEY, "true");
                }
            }
            (None, _) => write(SSE, AES256),
        }
    }

    /// Writes the headers of [`Self::write_headers`] and, as AWS does in responses to writes, the encryption context
    /// of the key.
    pub(crate) fn write_headers_to_writer(&self, encrypted: &Encrypted, headers: &mut HeaderMap) {
        self.write_headers(encrypted, headers);
        let context = encrypted
            .kms
            .as_ref()
            .and_then(|kms| serde_json::to_vec(&kms.context).ok());
        let context = context.and_then(|json| HeaderValue::from_str(&BASE64_STANDARD.encode(json)).ok());
        if let Some(context) = context {
            headers.insert(CONTEXT, context);
        }
    }
}
