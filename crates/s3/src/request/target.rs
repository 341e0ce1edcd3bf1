//! The bucket, object and version that a request is about.

use crate::request::host::Hosts;
use crate::response::error::ErrorResponse;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, Version};
use percent_encoding::percent_decode_str;
use strongroom_engine::VersionName;
use strongroom_sigv4::query::Query;

#[cfg(test)]
mod tests;

/// Level of the resource that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Service,
    Bucket,
    Object,
}

/// Returns the bucket that a request is about.
pub(crate) fn bucket_of<B>(hosts: &Hosts, request: &Request<B>) -> Option<String> {
    let (bucket, path) = address(hosts, request);
    let in_path = || path.split('/').next().unwrap_or_default().to_owned();
    bucket
        .or_else(|| Some(in_path()))
        .filter(|bucket| !bucket.is_empty())
}

/// Returns the bucket in the host, in virtual-host style, and the path without its first slash.
fn address<B>(hosts: &Hosts, request: &Request<B>) -> (Option<String>, String) {
    // As in s3s: the authority is used in HTTP/2 only, and the path is decoded before it is split.
    let in_authority = request
        .uri()
        .authority()
        .filter(|_| request.version() >= Version::HTTP_2);
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or(in_authority.map(http::uri::Authority::as_str));
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let path = path.strip_prefix('/').unwrap_or_default().to_owned();
    (host.and_then(|host| hosts.bucket(host)), path)
}

/// Object that a request is about, for an operation that s3s does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectAddress {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl ObjectAddress {
    /// Returns the object whose encryption a request changes. `None` for all other requests.
    pub(crate) fn of_encryption<B>(hosts: &Hosts, request: &Request<B>, query: &Query) -> Option<Self> {
        if request.method() != Method::PUT || !query.has("encryption") {
            return None;
        }
        let (bucket, path) = address(hosts, request);
        let (bucket, key) = if let Some(bucket) = bucket {
            (bucket, path)
        } else {
            let (bucket, key) = path.split_once('/')?;
            (bucket.to_owned(), key.to_owned())
        };
        (!key.is_empty()).then_some(Self { bucket, key })
    }
}

/// Returns the version in the response to a write. As on AWS, a null version is not named.
pub(crate) fn written_version(version: Option<VersionName>) -> Option<String> {
    version
        .filter(|version| *version != VersionName::Null)
        .map(|version| version.to_string())
}

impl Level {
    /// Returns the level of a request: by path, or in virtual-host style by host and path.
    pub(crate) fn of<B>(hosts: &Hosts, request: &Request<B>) -> Self {
        let (bucket, path) = address(hosts, request);
        if bucket.is_some() {
            return if path.is_empty() {
                Self::Bucket
            } else {
                Self::Object
            };
        }
        match path.split_once('/') {
            None if path.is_empty() => Self::Service,
            None | Some((_, "")) => Self::Bucket,
            Some(_) => Self::Object,
        }
    }
}

/// Returns whether a request is the upload of a form.
pub(crate) fn is_form<B>(request: &Request<B>) -> bool {
    let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .to_ascii_lowercase()
            .starts_with(b"multipart/form-data")
    });
    is_form && request.method() == Method::POST
}

/// Parses the version that a request names.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn version_name(version: Option<&str>) -> Result<Option<VersionName>, ErrorResponse> {
    let Some(version) = version else {
        return Ok(None);
    };
    let invalid = |message: &'static str| {
        ErrorResponse::invalid_argument(message)
            .with("ArgumentName", "versionId")
            .with("ArgumentValue", version)
    };
    if version.is_empty() {
        return Err(invalid("Version id cannot be the empty string"));
    }
    VersionName::read(version)
        .map(Some)
        .ok_or_else(|| invalid("Invalid version id specified"))
}
