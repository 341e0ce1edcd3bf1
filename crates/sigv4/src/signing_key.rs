//! Keys of signature version 4.

use aws_lc_rs::hmac;
use strongroom_access::SecretAccessKey;
use zeroize::Zeroizing;

/// Key that signs the requests of one day, one region and one service.
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl SigningKey {
    /// Derives the key from a secret. `scope` is the part of a credential after the access key:
    /// `20130524/us-east-1/s3/aws4_request`.
    pub fn derive(secret: &SecretAccessKey, scope: &str) -> Self {
        let first = Zeroizing::new(format!("AWS4{}", secret.expose()).into_bytes());
        Self(scope.split('/').fold(first, |key, part| sign(&key, part)))
    }

    /// Computes the signature of a text: 32 bytes.
    pub fn sign(&self, text: &str) -> Zeroizing<Vec<u8>> {
        sign(&self.0, text)
    }
}

fn sign(key: &[u8], text: &str) -> Zeroizing<Vec<u8>> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    Zeroizing::new(hmac::sign(&key, text.as_bytes()).as_ref().to_vec())
}
