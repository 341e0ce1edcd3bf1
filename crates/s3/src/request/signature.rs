//! The signature of a request, as the fence read it from the `Authorization` header or the query.

/// A signature in the strict form of the specification, which is not verified yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// Access key and scope: `ID/YYYYMMDD/REGION/s3/aws4_request`.
    pub(crate) credential: String,
    /// Names of the signed headers, in lower case.
    pub(crate) headers: Vec<String>,
    /// The signature itself, in hex.
    pub(crate) value: String,
    /// True if it is in the query.
    pub(crate) presigned: bool,
}

impl Signature {
    /// Returns the id of the access key.
    pub(crate) fn access_key(&self) -> &str {
        self.credential.split_once('/').map_or("", |(id, _)| id)
    }

    /// Returns the scope, the part of the credential after the access key.
    pub(crate) fn scope(&self) -> &str {
        self.credential.split_once('/').map_or("", |(_, scope)| scope)
    }
}
