//! The time that a request was signed at.

use crate::request::query::Query;
use crate::response::error::{ErrorResponse, message_of};
use http::header::DATE;
use http::{HeaderMap, HeaderValue, Request};
use s3s::dto::{Timestamp, TimestampFormat};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

#[cfg(test)]
mod tests;

const AMZ_DATE: &str = "x-amz-date";
/// Form of `x-amz-date` and `X-Amz-Date`.
const SIGNED: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
/// Form of times in error documents.
const SHOWN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
/// Maximum difference between the clocks of client and server.
const MAX_SKEW: Duration = Duration::minutes(15);

/// Refuses a request that was signed at a time which is missing, invalid, not the one of the credential, or too far
/// from now. A request that has only `Date` gets it as `x-amz-date` too, where s3s reads it; the header is not signed,
/// but its time is.
///
/// # Errors
/// The error response.
pub(crate) fn check<B>(
    query: &Query,
    credential: &str,
    request: &mut Request<B>,
    now: OffsetDateTime,
) -> Result<(), ErrorResponse> {
    let day = credential.split('/').nth(1).unwrap_or_default();
    let Some(date) = query.get("X-Amz-Date") else {
        let time = of_headers(request.headers())?;
        let date = shown(time, SIGNED);
        check_day(day, &date, ErrorResponse::malformed_authorization)?;
        if (now - time).abs() > MAX_SKEW {
            return Err(skewed(&date, now));
        }
        if !request.headers().contains_key(AMZ_DATE)
            && let Ok(date) = HeaderValue::try_from(date)
        {
            request.headers_mut().insert(AMZ_DATE, date);
        }
        return Ok(());
    };
    let time = parse(date).ok_or_else(|| {
        ErrorResponse::malformed_query(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        )
    })?;
    check_day(day, date, ErrorResponse::malformed_query)?;
    if time - now > MAX_SKEW {
        return Err(skewed(date, now));
    }
    // The fence has checked that it is a number.
    let seconds = query.get("X-Amz-Expires").unwrap_or_default();
    let expires = time + Duration::seconds(seconds.parse().unwrap_or(0));
    if now > expires {
        return Err(ErrorResponse::access_denied("Request has expired")
            .with("X-Amz-Expires", seconds)
            .with("Expires", shown(expires, SHOWN))
            .with("ServerTime", shown(now, SHOWN)));
    }
    Ok(())
}

/// Returns the time in `x-amz-date`, or else in `Date`.
fn of_headers(headers: &HeaderMap) -> Result<OffsetDateTime, ErrorResponse> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let time = match (text(AMZ_DATE), text(DATE.as_str())) {
        (Some(date), _) => parse(date),
        (None, Some(date)) => parse(date).or_else(|| {
            let time = Timestamp::parse(TimestampFormat::HttpDate, date).ok()?;
            Some(OffsetDateTime::from(time))
        }),
        (None, None) => None,
    };
    time.ok_or_else(|| {
        ErrorResponse::access_denied("AWS authentication requires a valid Date or x-amz-date header")
    })
}

fn parse(date: &str) -> Option<OffsetDateTime> {
    Some(PrimitiveDateTime::parse(date, SIGNED).ok()?.assume_utc())
}

/// Returns the text of a time in a form. Writing to memory does not fail.
fn shown(time: OffsetDateTime, form: &[BorrowedFormatItem<'_>]) -> String {
    time.format(form).unwrap_or_default()
}

fn check_day(day: &str, date: &str, refuse: impl Fn(&str) -> ErrorResponse) -> Result<(), ErrorResponse> {
    let signed = date.get(..8).unwrap_or_default();
    if day == signed {
        return Ok(());
    }
    Err(refuse(&format!(
        "Invalid credential date \"{day}\". This date is not the same as X-Amz-Date: \"{signed}\"."
    )))
}

fn skewed(date: &str, now: OffsetDateTime) -> ErrorResponse {
    let code = "RequestTimeTooSkewed";
    ErrorResponse::coded(403, code, message_of(code))
        .with("RequestTime", date)
        .with("ServerTime", shown(now, SHOWN))
        .with(
            "MaxAllowedSkewMilliseconds",
            MAX_SKEW.whole_milliseconds().to_string(),
        )
}
