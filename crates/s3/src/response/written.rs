//! Documents that operations write themselves.

/// Namespace of the documents of S3.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document that an operation wrote itself. It replaces the document that s3s would write.
#[derive(Clone)]
pub(crate) struct Written(pub(crate) String);
