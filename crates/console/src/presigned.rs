//! Presigned links of S3: who has one reads the object until it expires.
//!
//! (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".)

use crate::address::escaped;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};
use strongroom_engine::VersionName;
use strongroom_identity::principal::SigningKey;

/// Object that a link leads to.
pub(crate) struct Linked<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version: Option<VersionName>,
}

/// Signs a link with an access key, as of `now` in microseconds since 1970. `None`: the address cannot be written.
pub(crate) fn link(
    (endpoint, region): (&str, &str),
    signer: &SigningKey,
    linked: &Linked<'_>,
    valid: Duration,
    now: u64,
) -> Option<String> {
    // Escapes each character but the slash, as S3 does when it signs.
    let mut address = format!("{endpoint}/{}/{}", linked.bucket, escaped(linked.key));
    if let Some(version) = linked.version {
        // Writing into a String cannot fail.
        let _ = write!(address, "?versionId={version}");
    }
    let id = &signer.principal().access_key_id;
    let identity = Credentials::new(id, signer.secret().expose(), None, None, "strongroom").into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.expires_in = Some(valid);
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(SystemTime::UNIX_EPOCH + Duration::from_micros(now))
        .settings(settings)
        .build()
        .ok()?;
    let host = endpoint.split_once("://")?.1;
    let signable = SignableRequest::new(
        "GET",
        &address,
        [("host", host)].into_iter(),
        SignableBody::UnsignedPayload,
    )
    .ok()?;
    let (instructions, _) = sign(signable, &params.into()).ok()?.into_parts();
    for (name, value) in instructions.params() {
        let next = if address.contains('?') { '&' } else { '?' };
        let _ = write!(address, "{next}{name}={}", escaped(value).replace('/', "%2F"));
    }
    Some(address)
}
