//! The signature of a form: version 4, over its policy
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>).

use crate::fence::authorization;
use crate::form::error::missing;
use crate::form::fields::Fields;
use crate::request::signer::AccessKeyId;
use crate::response::error::{self, ErrorResponse};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use strongroom_access::AccessKeys;
use strongroom_sigv4::scope::Credential;
use strongroom_sigv4::signing_key::SigningKey;

/// Checks the signature of `policy`, the text of the form's field, and returns the access key that signed it.
///
/// # Errors
/// The error response.
pub(super) fn check(
    region: &str,
    keys: &AccessKeys,
    fields: &Fields,
    policy: &str,
) -> Result<AccessKeyId, ErrorResponse> {
    if fields.get("awsaccesskeyid").is_some() {
        return Err(authorization::signature_v2());
    }
    let field = |name: &str| fields.get(name).ok_or_else(|| missing(name));
    if field("x-amz-algorithm")? != "AWS4-HMAC-SHA256" {
        return Err(ErrorResponse::invalid_argument(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
        ));
    }
    let credential = field("x-amz-credential")?;
    let date = field("x-amz-date")?;
    let given = hex::decode(field("x-amz-signature")?).unwrap_or_default();
    let Credential {
        access_key_id: id,
        day,
        ..
    } = authorization::check_scope(region, credential)?;
    if !date.starts_with(day) {
        return Err(ErrorResponse::malformed_authorization(
            "the date of the Credential differs from that of x-amz-date",
        ));
    }
    let secret = keys.secret(id).ok_or_else(|| {
        ErrorResponse::coded(403, "InvalidAccessKeyId", error::message_of("InvalidAccessKeyId"))
    })?;
    let (_, scope) = credential.split_once('/').unwrap_or_default();
    let signature = SigningKey::derive(&secret, scope).sign(policy);
    verify_slices_are_equal(&signature, &given).map_err(|_| {
        ErrorResponse::coded(
            403,
            "SignatureDoesNotMatch",
            error::message_of("SignatureDoesNotMatch"),
        )
    })?;
    Ok(AccessKeyId(id.into()))
}
