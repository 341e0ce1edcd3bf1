//! Names of multipart uploads.

/// Name of an upload in requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadName {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Id of the upload.
    pub id: String,
}
