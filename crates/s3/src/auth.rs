//! Who signed: hands secrets to the signature check.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::sync::Arc;
use strongroom_access::AccessKeys;

/// The access keys in force, as s3s asks for them.
pub(crate) struct Auth {
    keys: Arc<AccessKeys>,
}

impl Auth {
    pub(crate) fn new(keys: Arc<AccessKeys>) -> Self {
        Self { keys }
    }
}

#[async_trait::async_trait]
impl S3Auth for Auth {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.keys.secret(access_key) {
            Some(secret) => Ok(SecretKey::from(secret.expose())),
            None => Err(S3Error::with_message(
                S3ErrorCode::InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records.",
            )),
        }
    }
}
