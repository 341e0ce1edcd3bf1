//! Documents that operations write themselves.

/// A document that an operation wrote itself, in place of what s3s makes of its output.
#[derive(Clone)]
pub(crate) struct Written(pub(crate) String);
