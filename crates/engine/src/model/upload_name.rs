//! Names of multipart uploads.

/// Which upload a request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadName {
    /// The bucket's name.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// The upload's id.
    pub id: String,
}
