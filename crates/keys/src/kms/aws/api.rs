//! Requests, responses and failures of the service, as far as they are used here.

use crate::kms::context::Context;
use crate::kms::error::KmsError;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The base64 of a secret.
pub(super) type Blob = Zeroizing<String>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeKey<'a> {
    pub(super) key_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateDataKey<'a> {
    pub(super) key_id: &'a str,
    pub(super) number_of_bytes: u32,
    pub(super) encryption_context: &'a Context,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypt<'a> {
    pub(super) key_id: &'a str,
    pub(super) plaintext: &'a str,
    pub(super) encryption_context: &'a Context,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypt<'a> {
    /// Named explicitly, so that no other key of the account decrypts what this one did not wrap.
    pub(super) key_id: &'a str,
    pub(super) ciphertext_blob: &'a str,
    pub(super) encryption_context: &'a Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described {
    pub(super) key_metadata: KeyMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyMetadata {
    pub(super) arn: String,
    pub(super) key_state: String,
    /// Services other than AWS omit values that are the same for all their keys.
    pub(super) key_usage: Option<String>,
    pub(super) key_spec: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Generated {
    pub(super) ciphertext_blob: String,
    pub(super) plaintext: Blob,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypted {
    pub(super) ciphertext_blob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypted {
    pub(super) plaintext: Blob,
}

/// Kind of a failed response.
pub(super) enum Failure {
    /// The key is at fault.
    Key(fn(String) -> KmsError),
    /// The request is not valid: a malformed name, a context that is too long.
    Request,
    /// The service failed or does not accept the credentials. Its error code.
    Service(String),
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "__type")]
    kind: String,
}

impl Failure {
    /// Reads the error code from the header `x-amzn-errortype`, or from the body.
    pub(super) fn read(header: Option<&[u8]>, body: &[u8], status: StatusCode) -> Self {
        let of_body = || Some(serde_json::from_slice::<Body>(body).ok()?.kind);
        let kind = match header {
            Some(header) => str::from_utf8(header).ok().map(str::to_owned),
            None => of_body(),
        };
        let kind = kind.unwrap_or_default();
        // Codes look like `com.amazonaws.kms#NotFoundException:http://...`.
        let code = kind.split(':').next().unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        if status.is_server_error() {
            return Self::service(code);
        }
        match code {
            "NotFoundException" => Self::Key(KmsError::NotFound),
            "DisabledException" => Self::Key(KmsError::Disabled),
            "KMSInvalidStateException" | "InvalidKeyUsageException" => Self::Key(KmsError::InvalidState),
            "InvalidCiphertextException" | "IncorrectKeyException" => Self::Key(KmsError::Refused),
            "AccessDeniedException" => Self::Key(KmsError::Denied),
            "InvalidArnException" | "ValidationException" => Self::Request,
            other => Self::service(other),
        }
    }

    fn service(code: &str) -> Self {
        Self::Service(
            code.chars()
                .filter(char::is_ascii_alphanumeric)
                .take(80)
                .collect(),
        )
    }
}
