//! Refusals of encryption headers and of key management services.

use crate::response::error::ErrorResponse;
use crate::response::shown::{HIDDEN, of_encryption};
use strongroom_engine::KmsError;
use strongroom_engine::encryption::Refusal;

/// Header that AWS names in `ArgumentName`, whichever of the encryption headers is wrong.
const SSE_ARGUMENT: &str = "x-amz-server-side-encryption";

/// Message of AWS for an encryption method that it does not know.
const UNKNOWN_METHOD: &str = "The encryption method specified is not supported";

impl ErrorResponse {
    /// Adds the refused value of an encryption header, unless a key may be in it.
    fn echo(self, value: &str) -> Self {
        match of_encryption(value) {
            HIDDEN => self,
            value => self.with("ArgumentValue", value),
        }
    }
}

/// Returns the response to encryption headers that are refused.
pub(super) fn response(refusal: &Refusal) -> ErrorResponse {
    let argument =
        |message: &'static str| ErrorResponse::invalid_argument(message).with("ArgumentName", SSE_ARGUMENT);
    match refusal {
        Refusal::CustomerKeysBlocked => ErrorResponse::access_denied(
            "You are not authorized to perform this operation because this bucket has blocked upload requests that \
             specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side \
             encryption type",
        ),
        Refusal::Incompatible(sse) => argument(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
        )
        .echo(sse),
        Refusal::UnknownAlgorithm(algorithm) => ErrorResponse::new(
            400,
            "InvalidEncryptionAlgorithmError",
            "The Encryption request you specified is not valid. Supported value: AES256.",
        )
        .with("ArgumentName", SSE_ARGUMENT)
        .echo(algorithm),
        Refusal::UnknownMethod(method) => argument(UNKNOWN_METHOD).echo(method),
        Refusal::MissingAlgorithm => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption \
             algorithm.",
        ),
        Refusal::MissingKey => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate \
             secret key.",
        ),
        Refusal::MissingMd5 => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client \
             calculated MD5 of the secret key.",
        ),
        Refusal::InvalidKey(length) => {
            let hint = match length {
                Some(length) => format!("The key header decodes to {length} bytes; it must be the base64 of 32."),
                None => "The key header is not valid base64; it must be the base64 of 32 bytes.".to_owned(),
            };
            argument("The secret key was invalid for the specified algorithm.").with("Hint", hint)
        }
        Refusal::Md5Mismatch => {
            argument("The calculated MD5 hash of the key did not match the hash that was provided.").with(
                "Hint",
                "The MD5 header is the base64 of the MD5 of the raw 32 bytes of the key, not of its base64 or hex.",
            )
        }
        Refusal::TwoLayers => ErrorResponse::not_implemented(
            "Dual-layer server-side encryption (aws:kms:dsse) is not implemented; use aws:kms, AES256 or a customer key.",
        ),
        Refusal::KmsHeaderWithoutKms(header) => ErrorResponse::invalid_argument(format!(
            "{header} requires HTTP header x-amz-server-side-encryption : aws:kms"
        ))
        .with("ArgumentName", *header),
        Refusal::InvalidContext => ErrorResponse::invalid_argument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which \
             represents a string-string map",
        ),
        Refusal::ReservedContext(name) => ErrorResponse::invalid_argument(format!(
            "The name {:?} cannot be used in x-amz-server-side-encryption-context: names that begin with aws: are \
             reserved.",
            of_encryption(name)
        )),
        Refusal::InvalidBucketKey(value) => ErrorResponse::invalid_argument(
            "x-amz-server-side-encryption-bucket-key-enabled must be true or false.",
        )
        .echo(value),
        Refusal::KmsKeyWithoutKms(id) => ErrorResponse::invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : \
             aws:kms",
        )
        .with("ArgumentName", SSE_ARGUMENT)
        .echo(id),
        Refusal::SseOnRead(_) => {
            ErrorResponse::invalid_argument("x-amz-server-side-encryption header is not supported for this operation.")
                .with("ArgumentName", SSE_ARGUMENT)
        }
        Refusal::NotAsBegun => ErrorResponse::invalid_request(
            "The multipart upload initiate requested encryption. Subsequent part requests must include the \
             appropriate encryption parameters.",
        ),
        Refusal::NotTheUploadsKey => ErrorResponse::invalid_request(
            "The provided encryption parameters did not match the ones used originally.",
        ),
        Refusal::KeyNeeded => ErrorResponse::invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided \
             to retrieve the object.",
        ),
        Refusal::NotApplicable => {
            ErrorResponse::invalid_request("The encryption parameters are not applicable to this object.").with(
                "Hint",
                "The object is not encrypted with a customer key: omit the \
                 x-amz-server-side-encryption-customer-* headers.",
            )
        }
        Refusal::WrongKey => ErrorResponse::access_denied(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret \
             key.",
        ),
        _ => ErrorResponse::internal(),
    }
}

/// Returns the response to an error of a key management service. Its own codes are those that S3 passes on from AWS
/// KMS.
pub(super) fn key_service_response(error: &KmsError) -> ErrorResponse {
    match error {
        KmsError::NoService => ErrorResponse::not_implemented(
            "Server Side Encryption with KMS is not set up on this server; use AES256 or a customer key.",
        ),
        KmsError::NoDefaultKey => ErrorResponse::invalid_argument(
            "This server has no default KMS key: name one in x-amz-server-side-encryption-aws-kms-key-id.",
        ),
        KmsError::NotFound(key) => ErrorResponse::new(
            400,
            "KMS.NotFoundException",
            format!("Invalid keyId '{}'", of_encryption(key)),
        ),
        KmsError::Disabled(key) => ErrorResponse::new(
            400,
            "KMS.DisabledException",
            format!("{} is disabled.", of_encryption(key)),
        ),
        KmsError::InvalidState(key) => ErrorResponse::new(
            400,
            "KMS.KMSInvalidStateException",
            format!(
                "{} is in a state that does not allow its use.",
                of_encryption(key)
            ),
        ),
        KmsError::Refused(key) => ErrorResponse::new(
            400,
            "KMS.InvalidCiphertextException",
            format!(
                "The key {} does not unwrap the data key of this object: another key wrapped it, or the key's older \
                 versions can no longer be used.",
                of_encryption(key)
            ),
        ),
        KmsError::Denied(key) => ErrorResponse::access_denied(format!(
            "The key management service does not allow this server to use the key {}.",
            of_encryption(key)
        )),
        KmsError::Unavailable(why) => {
            tracing::warn!(%why, "a key management service is unavailable");
            ErrorResponse::unavailable(
                "The key management service that this request needs cannot be reached. Please try again.",
            )
        }
        _ => ErrorResponse::internal(),
    }
}
