//! Error responses: code, status, message, further elements and headers.

use crate::response::time::http_date;
use http::header::{ETAG, LAST_MODIFIED, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use s3s::S3Response;
use std::borrow::Cow;

/// `Retry-After` of responses that say a service is unavailable, in seconds.
const RETRY_SECONDS: &str = "5";

/// An error response of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// Further elements of the error document.
    pub(crate) extra: Vec<(&'static str, String)>,
    /// Further headers of the response.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Result of an operation.
pub(crate) type OperationResult<T> = Result<S3Response<T>, ErrorResponse>;

impl ErrorResponse {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            code,
            message: message.into(),
            extra: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Adds an element to the error document.
    pub(crate) fn with(mut self, element: &'static str, value: impl Into<String>) -> Self {
        self.extra.push((element, value.into()));
        self
    }

    pub(crate) fn invalid_argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidRequest", message)
    }

    pub(crate) fn not_implemented(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(501, "NotImplemented", message)
    }

    pub(crate) fn access_denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn public_acl_blocked() -> Self {
        Self::access_denied("Access Denied").with(
            "Hint",
            "The access control list grants public access, which BlockPublicAcls in the bucket's public access block prevents.",
        )
    }

    pub(crate) fn headers_not_signed(headers: String) -> Self {
        Self::access_denied("There were headers present in the request which were not signed")
            .with("HeadersNotSigned", headers)
    }

    pub(crate) fn malformed_authorization(why: &str) -> Self {
        Self::new(
            400,
            "AuthorizationHeaderMalformed",
            format!("The authorization header is malformed; {why}"),
        )
    }

    pub(crate) fn malformed_query(why: &str) -> Self {
        Self::new(400, "AuthorizationQueryParametersError", why.to_owned())
    }

    pub(crate) fn coded(status: u16, code: &'static str, message: &'static str) -> Self {
        Self::new(status, code, message)
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn malformed_policy(message: String) -> Self {
        Self::new(400, "MalformedPolicy", message)
    }

    pub(crate) fn no_document() -> Self {
        let code = "MissingRequestBodyError";
        Self::coded(400, code, message_of(code))
    }

    pub(crate) fn malformed_xml() -> Self {
        Self::coded(400, "MalformedXML", message_of("MalformedXML"))
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Returns the response to a request that the server has no room for now.
    pub(crate) fn slow_down() -> Self {
        Self::new(503, "SlowDown", "Please reduce your request rate.").header(RETRY_AFTER, RETRY_SECONDS)
    }

    /// Returns the response to a request that may succeed later.
    pub(super) fn unavailable(message: &'static str) -> Self {
        Self::new(503, "ServiceUnavailable", message).retry_after(RETRY_SECONDS)
    }

    /// Adds the number of seconds after which the request may succeed.
    pub(super) fn retry_after(self, seconds: &str) -> Self {
        self.header(RETRY_AFTER, seconds)
    }

    /// Returns the response to a request whose session token is not one of its access key.
    pub(crate) fn invalid_token() -> Self {
        Self::coded(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        )
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            500,
            "InternalError",
            "We encountered an internal error. Please try again.",
        )
    }

    /// Logs an error of s3s itself and returns an internal error.
    pub(crate) fn of_library(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let error = error.into();
        tracing::error!(%error, "the protocol library failed");
        Self::internal()
    }

    /// Returns a 304, with the headers that a client needs to renew its cached copy (RFC 9110 section 15.4.5).
    pub(super) fn not_modified(etag: &str, modified: u64) -> Self {
        let error = Self::new(304, "NotModified", "Not Modified");
        error
            .header(ETAG, &format!("\"{etag}\""))
            .header(LAST_MODIFIED, &http_date(modified))
    }
}

/// Returns the response to a customer key that was sent in clear text.
pub(crate) fn cleartext() -> ErrorResponse {
    ErrorResponse::invalid_request(
        "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
    )
    .with(
        "Hint",
        "The key was sent in clear text; treat it as compromised. Use the HTTPS address, or, behind a proxy that ends \
         TLS, list the proxy in trusted_proxies.",
    )
}

/// Returns the message for a code of s3s that has none: an empty message breaks clients.
pub(crate) fn message_of(code: &str) -> &'static str {
    match code {
        "AccessDenied" => "Access Denied",
        "IncompleteBody" => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        "AccountProblem" => {
            "There is a problem with your account that prevents the operation from completing successfully. Contact the \
             operator for further assistance."
        }
        "ExpiredToken" => "The provided token has expired.",
        "InvalidAccessKeyId" => "The AWS Access Key Id you provided does not exist in our records.",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MissingRequestBodyError" => "Request Body is empty",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "NotImplemented" => "A header or query you provided implies functionality that is not implemented.",
        "RequestTimeTooSkewed" => {
            "The difference between the request time and the current time is too large."
        }
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method."
        }
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request cannot be carried out.",
    }
}
