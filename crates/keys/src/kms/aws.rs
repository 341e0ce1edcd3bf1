//! The API of AWS KMS (<https://docs.aws.amazon.com/kms/latest/APIReference/>), which other services implement too.

use crate::kms::context::Context;
use crate::kms::error::{KmsError, Unavailable};
use crate::kms::http::{Address, Http, SetupError};
use crate::kms::{GeneratedKey, KeyDescription, KeyState, Kms, secret_file};
use crate::plain_key::key_of_base64;
use api::{
    Blob, Decrypt, Decrypted, DescribeKey, Described, Encrypt, Encrypted, Failure, GenerateDataKey, Generated,
};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::time::SystemTime;
use strongroom_seal::OuterKey;
use strongroom_seal::keys::Wrapped as _;
use zeroize::Zeroizing;

mod api;
mod credentials;
mod sign;

#[cfg(test)]
mod tests;

/// Maximum length of a request in bytes: a wrapped key (6 KiB) and an encryption context, limited to 8 KiB by S3.
const MAX_REQUEST: usize = 32 * 1024;

/// Location of the service, and credentials for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsSettings {
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// URL of the service. `None`: that of AWS in the region.
    pub endpoint: Option<String>,
    /// Certificates of the authorities to trust. `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// A shared credentials file of AWS (<https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>). It is
    /// read for each request, so a changed file takes effect at once.
    pub credentials_file: PathBuf,
    /// Name of the profile in the credentials file.
    pub profile: String,
}

impl AwsSettings {
    /// Validates the settings without network and file access.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn check(&self) -> Result<(), SetupError> {
        self.address().map(drop)
    }

    fn address(&self) -> Result<Address, SetupError> {
        let region = &self.region;
        let is_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if region.is_empty() || !region.bytes().all(is_region) {
            return Err(SetupError::Name {
                what: "region",
                value: region.clone(),
            });
        }
        let china = region.starts_with("cn-");
        let domain = if china {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        match &self.endpoint {
            Some(endpoint) => Address::read(endpoint),
            None => Address::read(&format!("https://kms.{region}.{domain}")),
        }
    }
}

/// AWS KMS.
pub struct Aws {
    http: Http,
    address: Address,
    settings: AwsSettings,
    now: fn() -> SystemTime,
}

impl Aws {
    /// Prepares the client without any call to the service. `now` returns the time to sign requests for.
    ///
    /// # Errors
    /// [`SetupError`] if the settings are not valid.
    pub fn new(settings: AwsSettings, now: fn() -> SystemTime) -> Result<Self, SetupError> {
        let address = settings.address()?;
        Ok(Self {
            http: Http::new(&address, settings.ca_file.as_deref())?,
            address,
            settings,
            now,
        })
    }

    /// Calls an operation on `key`. `otherwise` is the error for a response that rejects the request itself.
    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &str,
        body: &(impl Serialize + Sync),
        otherwise: fn(String) -> KmsError,
    ) -> Result<T, KmsError> {
        let exchange = async {
            let mut json = Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
            serde_json::to_writer(&mut *json, body).map_err(|error| Unavailable(error.to_string()))?;
            let mut request = Request::post(self.address.at("/")?)
                .header(CONTENT_TYPE, "application/x-amz-json-1.1")
                .header("x-amz-target", format!("TrentService.{operation}"))
                .body(json)
                .map_err(|error| Unavailable(error.to_string()))?;
            let file = secret_file::read(&self.settings.credentials_file)?;
            let credentials = credentials::find(&file, &self.settings.profile).map_err(|why| {
                let path = self.settings.credentials_file.display();
                Unavailable(format!("{path}, profile {:?}: {why}", self.settings.profile))
            })?;
            sign::sign(&mut request, credentials, &self.settings.region, (self.now)())?;
            self.http.send(request).await
        };
        let response = exchange.await.map_err(KmsError::Unavailable)?;
        if response.status.is_success() {
            return serde_json::from_slice(&response.body).map_err(|_| self.unavailable("cannot be parsed"));
        }
        let header = response
            .headers
            .get("x-amzn-errortype")
            .map(HeaderValue::as_bytes);
        match Failure::read(header, &response.body, response.status) {
            Failure::Key(error) => Err(error(key.to_owned())),
            Failure::Request => Err(otherwise(key.to_owned())),
            Failure::Service(code) => Err(self.unavailable(&format!("is {} {code}", response.status))),
        }
    }

    fn unavailable(&self, what: &str) -> KmsError {
        KmsError::Unavailable(Unavailable(format!(
            "the response of {} {what}",
            self.address.authority()
        )))
    }

    fn key(&self, blob: &Blob) -> Result<OuterKey, KmsError> {
        let key = key_of_base64(blob);
        key.ok_or_else(|| self.unavailable("contains no key of 32 bytes"))
    }

    fn wrapped(&self, blob: &str) -> Result<Vec<u8>, KmsError> {
        let decoded = BASE64_STANDARD.decode(blob);
        decoded.map_err(|_| self.unavailable("contains no wrapped key"))
    }
}

#[async_trait]
impl Kms for Aws {
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError> {
        let body = DescribeKey { key_id: key };
        let described: Described = self.call("DescribeKey", key, &body, KmsError::NotFound).await?;
        let metadata = described.key_metadata;
        let is = |value: &Option<String>, wanted: &str| value.as_ref().is_none_or(|value| value == wanted);
        let wraps = is(&metadata.key_usage, "ENCRYPT_DECRYPT") && is(&metadata.key_spec, "SYMMETRIC_DEFAULT");
        Ok(KeyDescription {
            state: match metadata.key_state.as_str() {
                "Enabled" if wraps => KeyState::Enabled,
                "Disabled" if wraps => KeyState::Disabled,
                _ => KeyState::Unusable,
            },
            id: metadata.arn,
        })
    }

    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError> {
        let body = GenerateDataKey {
            key_id: key,
            number_of_bytes: 32,
            encryption_context: context,
        };
        let generated: Generated = self
            .call("GenerateDataKey", key, &body, KmsError::InvalidState)
            .await?;
        Ok(GeneratedKey {
            key: self.key(&generated.plaintext)?,
            wrapped: self.wrapped(&generated.ciphertext_blob)?,
        })
    }

    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        let body = Encrypt {
            key_id: key,
            plaintext: &Zeroizing::new(BASE64_STANDARD.encode(plain.expose())),
            encryption_context: context,
        };
        let generated: Encrypted = self.call("Encrypt", key, &body, KmsError::InvalidState).await?;
        self.wrapped(&generated.ciphertext_blob)
    }

    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError> {
        let body = Decrypt {
            key_id: key,
            ciphertext_blob: &BASE64_STANDARD.encode(wrapped),
            encryption_context: context,
        };
        let opened: Decrypted = self.call("Decrypt", key, &body, KmsError::Refused).await?;
        self.key(&opened.plaintext)
    }
}
