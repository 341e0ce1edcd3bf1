//! The signature of a form: version 4, over its policy
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>).

use crate::auth::refused_key;
use crate::fence::authorization;
use crate::form::error::missing;
use crate::form::fields::Fields;
use crate::response::error::{self, ErrorResponse};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use std::sync::Arc;
use strongroom_identity::model::last_use::Service;
use strongroom_identity::signers::Signers;
use strongroom_permission::Identity;
use strongroom_sigv4::scope::Credential;
use strongroom_sigv4::signing_key::SigningKey;
use strongroom_sigv4::token::SECURITY_TOKEN;

/// Checks the signature of `policy`, the text of the form's field, and returns the identity that signed it.
///
/// # Errors
/// The error response.
pub(super) async fn check(
    region: &str,
    signers: &Signers,
    fields: &Fields,
    policy: &str,
) -> Result<Identity, ErrorResponse> {
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
    let key = signers
        .find(id, fields.get(SECURITY_TOKEN))
        .await
        .map_err(refused_key)?;
    let (_, scope) = credential.split_once('/').unwrap_or_default();
    let signature = SigningKey::derive(key.secret(), scope).sign(policy);
    verify_slices_are_equal(&signature, &given).map_err(|_| {
        ErrorResponse::coded(
            403,
            "SignatureDoesNotMatch",
            error::message_of("SignatureDoesNotMatch"),
        )
    })?;
    signers.identities().note_use(&key, Service::S3);
    Ok(Identity::Principal(Arc::clone(key.principal())))
}
