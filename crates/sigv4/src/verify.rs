//! The check of a signature against the secret.

use crate::canonical::SignedTexts;
use crate::error::SignatureError;
use crate::head::Head;
use crate::query::Query;
use crate::signature::Signature;
use crate::signing_key::SigningKey;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use strongroom_access::SecretAccessKey;

#[cfg(test)]
mod tests;

/// Verifies the signature of a request with a whole body, in constant time. `date` is the one that
/// [`date::check`](crate::date::check) returned; the caller also calls [`Signature::check_headers`].
///
/// # Errors
/// [`SignatureError::Mismatch`].
pub fn verify(
    head: Head<'_>,
    query: &Query,
    signature: &Signature,
    date: &str,
    body: &[u8],
    secret: &SecretAccessKey,
) -> Result<(), SignatureError> {
    let payload = hex::encode(digest(&SHA256, body));
    let texts = SignedTexts::of(head, query, signature, date, &payload);
    let computed = SigningKey::derive(secret, signature.scope()).sign(&texts.string_to_sign);
    let given = hex::decode(&signature.value).map_err(|_| SignatureError::Mismatch)?;
    verify_slices_are_equal(&computed, &given).map_err(|_| SignatureError::Mismatch)
}
