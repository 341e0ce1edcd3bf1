//! The place of a request's signature.

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
