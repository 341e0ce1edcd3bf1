//! Keys of signature version 4, for the signatures that s3s does not check: those of forms and of chunks.

use aws_lc_rs::hmac;
use strongroom_access::SecretAccessKey;
use zeroize::Zeroizing;

/// Key that signs the requests of one day, one region and one service.
pub(crate) struct SigningKey(Zeroizing<Vec<u8>>);

impl SigningKey {
    /// Derives the key from a secret. `scope` is the part of a credential after the access key:
    /// `20130524/us-east-1/s3/aws4_request`.
    pub(crate) fn derive(secret: &SecretAccessKey, scope: &str) -> Self {
        let first = Zeroizing::new(format!("AWS4{}", secret.expose()).into_bytes());
        Self(scope.split('/').fold(first, |key, part| sign(&key, part)))
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> Zeroizing<Vec<u8>> {
        sign(&self.0, text)
    }
}

fn sign(key: &[u8], text: &str) -> Zeroizing<Vec<u8>> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    Zeroizing::new(hmac::sign(&key, text.as_bytes()).as_ref().to_vec())
}
