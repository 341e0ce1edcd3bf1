//! The time that a request was signed at.

use crate::fence::authorization::refuse;
use crate::response::error::ErrorResponse;
use http::{HeaderValue, Request};
use strongroom_sigv4::date::{self, AMZ_DATE};
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature::Signature;
use time::OffsetDateTime;

#[cfg(test)]
mod tests;

/// Refuses a request that was signed at a time which is missing, invalid, not the one of the credential, or too far
/// from now. A request that has only `Date` gets it as `x-amz-date` too, where s3s reads it; the header is not signed,
/// but its time is.
///
/// # Errors
/// The error response.
pub(crate) fn check<B>(
    query: &Query,
    signature: &Signature,
    request: &mut Request<B>,
    now: OffsetDateTime,
) -> Result<(), ErrorResponse> {
    let date = date::check(Head::from(&*request), query, signature, now).map_err(refuse)?;
    if !signature.presigned
        && !request.headers().contains_key(AMZ_DATE)
        && let Ok(date) = HeaderValue::try_from(date)
    {
        request.headers_mut().insert(AMZ_DATE, date);
    }
    Ok(())
}
