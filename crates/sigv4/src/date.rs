//! The time that a request was signed at.

use crate::error::{Location, SignatureError};
use crate::head::Head;
use crate::query::Query;
use crate::scope::Credential;
use crate::signature::Signature;
use http::header::DATE;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

#[cfg(test)]
mod tests;

/// Header of the time.
pub const AMZ_DATE: &str = "x-amz-date";
/// Maximum difference between the clocks of client and server.
pub const MAX_SKEW: Duration = Duration::minutes(15);

/// Form of `x-amz-date` and `X-Amz-Date`.
const SIGNED: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
/// Form of `Date` (RFC 9110 section 5.6.7).
const HTTP: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// Checks the time of a signature, and returns it in the form of `x-amz-date`: the one of the query if it is presigned,
/// else that of `x-amz-date`, or of `Date`.
///
/// # Errors
/// [`SignatureError`] for a time that is missing, invalid, not on the day of the credential, or too far from now.
pub fn check(
    head: Head<'_>,
    query: &Query,
    signature: &Signature,
    now: OffsetDateTime,
) -> Result<String, SignatureError> {
    let location = signature.location();
    let malformed = |text: String| SignatureError::Malformed(location, text);
    let (time, date) = if location == Location::Query {
        let date = query.get("X-Amz-Date").unwrap_or_default();
        let time = parse(date).ok_or_else(|| {
            let text = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
            malformed(text.to_owned())
        })?;
        (time, date.to_owned())
    } else {
        let time = of_headers(head)?;
        (time, signed_form(time))
    };
    let day = Credential::parse(&signature.credential)
        .map_err(|error| SignatureError::Scope(location, error))?
        .day;
    let signed = date.get(..8).unwrap_or_default();
    if day != signed {
        return Err(malformed(format!(
            "Invalid credential date \"{day}\". This date is not the same as X-Amz-Date: \"{signed}\"."
        )));
    }
    // A presigned URL has a lifetime of its own.
    let is_late = location == Location::Header && now - time > MAX_SKEW;
    if is_late || time - now > MAX_SKEW {
        return Err(SignatureError::Skewed { date, now });
    }
    if location == Location::Query {
        let seconds = query.get("X-Amz-Expires").unwrap_or_default();
        let at = time + Duration::seconds(seconds.parse().unwrap_or(0));
        if now > at {
            let seconds = seconds.to_owned();
            return Err(SignatureError::Expired { seconds, at, now });
        }
    }
    Ok(date)
}

/// Returns the time in `x-amz-date`, or else in `Date`.
fn of_headers(head: Head<'_>) -> Result<OffsetDateTime, SignatureError> {
    let text = |name: &str| {
        head.headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let time = match (text(AMZ_DATE), text(DATE.as_str())) {
        (Some(date), _) => parse(date),
        (None, Some(date)) => parse(date).or_else(|| parse_http(date)),
        (None, None) => None,
    };
    time.ok_or(SignatureError::NoDate)
}

fn parse(date: &str) -> Option<OffsetDateTime> {
    Some(PrimitiveDateTime::parse(date, SIGNED).ok()?.assume_utc())
}

fn parse_http(date: &str) -> Option<OffsetDateTime> {
    Some(PrimitiveDateTime::parse(date, HTTP).ok()?.assume_utc())
}

/// Writes a time in the form of `x-amz-date`. Writing to memory does not fail.
fn signed_form(time: OffsetDateTime) -> String {
    time.format(SIGNED).unwrap_or_default()
}
