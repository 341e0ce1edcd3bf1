//! Customer keys in requests: a header of scripts, or a field of a form. Never a part of an address.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use md5::{Digest as _, Md5};
use strongroom_engine::encryption::{AES256, CustomerHeaders, EncryptionHeaders, KeyText};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Header that carries a key in base64, named as in S3, so that everything that hides it there hides it here too.
pub(crate) const KEY: &str = "x-amz-server-side-encryption-customer-key";
/// Header that asks for another encryption.
const SSE: &str = "x-amz-server-side-encryption";

/// A customer key in base64, as a request has it. Wiped on drop; has no `Debug`.
pub(crate) struct GivenKey(Zeroizing<String>);

impl GivenKey {
    /// Takes the key of a form or document.
    pub(crate) fn new(base64: Zeroizing<String>) -> Self {
        Self(base64)
    }

    /// Returns the headers of SSE-C for the resolver of the engine. Pages send no MD5: it protects from nothing that TLS
    /// does not protect from.
    pub(crate) fn headers(&self) -> EncryptionHeaders {
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(self.0.as_bytes()).unwrap_or_default());
        EncryptionHeaders {
            customer: CustomerHeaders {
                algorithm: Some(AES256.to_owned()),
                md5: Some(BASE64_STANDARD.encode(Md5::digest(&*bytes))),
                key: Some(KeyText::new(String::clone(&self.0))),
            },
            ..EncryptionHeaders::default()
        }
    }
}

/// The encryption that the headers of a request ask for, or bring the key of.
pub(crate) struct Wish {
    key: Option<GivenKey>,
    sse: Option<String>,
}

impl Wish {
    /// Takes the encryption headers out of a request.
    ///
    /// # Errors
    /// The failure of headers that the scripts of the console do not send.
    pub(crate) fn take(headers: &mut HeaderMap) -> Result<Self, Failure> {
        let text = |headers: &mut HeaderMap, name: &str| match headers.remove(name) {
            Some(value) => match value.to_str() {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(Failure::invalid("An encryption header is not plain text.")),
            },
            None => Ok(None),
        };
        let key = text(headers, KEY)?.map(|key| GivenKey(Zeroizing::new(key)));
        let sse = text(headers, SSE)?;
        let others = headers.keys().any(|name| name.as_str().starts_with(SSE));
        if others {
            return Err(Failure::invalid("The console knows no such encryption header."));
        }
        Ok(Self { key, sse })
    }

    /// Returns the headers for the resolver of the engine.
    pub(crate) fn headers(&self) -> EncryptionHeaders {
        let headers = self.key.as_ref().map(GivenKey::headers).unwrap_or_default();
        EncryptionHeaders {
            sse: self.sse.clone(),
            ..headers
        }
    }

    /// Returns the condition keys of these headers and their values. The key is not among them.
    pub(crate) fn conditions(&self) -> Vec<(&'static str, String)> {
        use strongroom_access::policy::key as policy;
        let mut conditions = Vec::new();
        if let Some(sse) = &self.sse {
            conditions.push((policy::SSE, sse.clone()));
        }
        if self.key.is_some() {
            conditions.push((policy::SSE_CUSTOMER_ALGORITHM, AES256.to_owned()));
        }
        conditions
    }
}
