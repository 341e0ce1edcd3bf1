//! Error responses, and the table of errors.
//! (IAM API Reference and AWS STS API Reference, "Common Errors" and the errors of each action.)

use crate::instant;
use strongroom_access::arn::InvalidIdentifier;
use strongroom_identity::IdentityError;
use strongroom_identity::signers::SignerError;
use strongroom_sigv4::date::MAX_SKEW;
use strongroom_sigv4::error::SignatureError;
use strongroom_sigv4::scope::ScopeError;
use strongroom_sigv4::xml::Xml;

#[cfg(test)]
mod tests;

/// Error response: code, status and message. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Result of an action.
pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// Refuses a parameter.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// Refuses the value of a parameter, in the words of AWS. `name` begins with an upper-case letter.
    pub(crate) fn value(name: &str, value: &str, constraint: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value '{value}' at '{}' failed to satisfy constraint: {constraint}",
            lower_first(name)
        ))
    }

    /// Refuses a request that lacks a parameter.
    pub(crate) fn missing(name: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
            lower_first(name)
        ))
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// Refuses an access key or token without a reason that helps to guess one.
    pub(crate) fn invalid_token() -> Self {
        let text = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", text)
    }

    /// Refuses the token of an identity provider.
    pub(crate) fn invalid_identity_token(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidIdentityToken", message)
    }

    /// Refuses a request that is not signed.
    pub(crate) fn not_signed() -> Self {
        let text = "Request is missing Authentication Token";
        Self::new(403, "MissingAuthenticationToken", text)
    }

    /// Refuses an entity whose name or ARN is not one, with the words of the identifier's rule.
    pub(crate) fn identifier(name: &str, error: &InvalidIdentifier) -> Self {
        match error {
            InvalidIdentifier::Name(text, min, max) if !(*min..=*max).contains(&text.chars().count()) => {
                let (word, bound) = if text.chars().count() < *min {
                    ("greater", min)
                } else {
                    ("less", max)
                };
                let constraint = format!("Member must have length {word} than or equal to {bound}");
                Self::value(name, text, &constraint)
            }
            InvalidIdentifier::Name(..) => Self::validation(format!(
                "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the \
                 following: +=,.@_-",
                lower_first(name)
            )),
            InvalidIdentifier::Path(_) => Self::validation(format!(
                "The specified value for {} is invalid. It must begin and end with / and contain only alphanumeric \
                 characters and/or / characters.",
                lower_first(name)
            )),
            other => Self::validation(other.to_string()),
        }
    }

    /// Writes the error document. `namespace` is that of the service.
    pub(crate) fn document(&self, namespace: &str, request_id: &str) -> String {
        let is_of_sender = self.status < 500;
        Xml::document_in("ErrorResponse", namespace, |xml| {
            xml.nest("Error", |xml| {
                xml.text("Type", if is_of_sender { "Sender" } else { "Receiver" });
                xml.text("Code", self.code);
                xml.text("Message", &self.message);
            });
            xml.text("RequestId", request_id);
        })
    }
}

/// Returns the name of a parameter as AWS's messages write it.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        let (status, code) = match &error {
            IdentityError::NoSuchEntity(_) => (404, "NoSuchEntity"),
            IdentityError::EntityAlreadyExists(_) => (409, "EntityAlreadyExists"),
            IdentityError::LimitExceeded(_) => (409, "LimitExceeded"),
            IdentityError::DeleteConflict(_) => (409, "DeleteConflict"),
            IdentityError::MalformedPolicyDocument(_) => (400, "MalformedPolicyDocument"),
            IdentityError::InvalidInput(_) => (400, "InvalidInput"),
            IdentityError::UnmodifiablePolicy(_) => (400, "UnmodifiableEntity"),
            IdentityError::PasswordPolicyViolation { .. } => (400, "PasswordPolicyViolation"),
            IdentityError::ConcurrentModification => (409, "ConcurrentModification"),
            IdentityError::NoMemory => (503, "ServiceUnavailable"),
            _ => {
                tracing::error!(%error, "a request to IAM failed");
                let text =
                    "The request processing has failed because of an unknown error, exception or failure.";
                return Self::new(500, "ServiceFailure", text);
            }
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<SignerError> for ApiError {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Identity(error) => error.into(),
            SignerError::Expired => {
                let text = "The security token included in the request is expired";
                Self::new(403, "ExpiredToken", text)
            }
            SignerError::Suspended => Self::access_denied("The account is suspended."),
            SignerError::Unknown | SignerError::Inactive | SignerError::Token => Self::invalid_token(),
        }
    }
}

impl From<SignatureError> for ApiError {
    fn from(error: SignatureError) -> Self {
        let mismatch = |text: String| Self::new(403, "SignatureDoesNotMatch", text);
        let text = error.to_string();
        match error {
            SignatureError::Mismatch => mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details."
                    .to_owned(),
            ),
            SignatureError::Token => Self::invalid_token(),
            SignatureError::HeaderNotSent(_) => mismatch(text),
            SignatureError::Scope(_, ScopeError::Region { .. }) => {
                mismatch("Credential should be scoped to a valid region. ".to_owned() + &text)
            }
            SignatureError::Scope(_, ScopeError::Service { expected, .. }) => {
                mismatch(format!("Credential should be scoped to correct service: '{expected}'. "))
            }
            SignatureError::Skewed { date, now } => {
                let minutes = MAX_SKEW.whole_minutes();
                let now = instant::shown(now);
                mismatch(format!(
                    "Signature expired or not yet current: {date} is more than {minutes} minutes away from {now}."
                ))
            }
            SignatureError::Expired { .. } => Self::new(400, "RequestExpired", text),
            _ => Self::new(400, "IncompleteSignature", text),
        }
    }
}
