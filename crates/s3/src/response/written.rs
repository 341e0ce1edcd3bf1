//! Documents that operations write themselves.

/// A document that an operation wrote itself. It replaces the document that s3s would write.
#[derive(Clone)]
pub(crate) struct Written(pub(crate) String);
