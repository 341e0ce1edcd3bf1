//! Documents that operations write themselves.

/// The namespace of the documents of S3.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document that an operation wrote itself, in place of what s3s makes of its output.
#[derive(Clone)]
pub(crate) struct Written(pub(crate) String);
