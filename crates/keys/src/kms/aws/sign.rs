//! Signature version 4.

use crate::kms::error::Unavailable;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as sign_request};
use aws_sigv4::sign::v4::SigningParams;
use http::Request;
use std::fmt::Display;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// Signs a request to KMS.
pub(super) fn sign(
    request: &mut Request<Zeroizing<Vec<u8>>>,
    credentials: Credentials,
    region: &str,
    now: SystemTime,
) -> Result<(), Unavailable> {
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("kms")
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| failed(&error))?;
    let uri = request.uri().to_string();
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body);
    let signable = signable.map_err(|error| failed(&error))?;
    let signed = sign_request(signable, &params.into()).map_err(|error| failed(&error))?;
    let (instructions, _) = signed.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

fn failed(error: &dyn Display) -> Unavailable {
    Unavailable(format!("the request cannot be signed: {error}"))
}
