//! The signer of a request.

use std::sync::Arc;

/// Id of the access key that a request was signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKeyId(pub(crate) Arc<str>);

/// Location of a request's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// The `Authorization` header. Also the value for requests without a signature.
    Header,
    /// The query string. Holds the time of the signature (`X-Amz-Date`).
    Query(String),
    /// A field of a form.
    Form,
}
