//! Values of conditions, in policies and in requests.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;
use std::borrow::Cow;
use std::net::IpAddr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Parses an integer or a decimal number.
pub(super) fn number(text: &str) -> Option<f64> {
    // Rust would accept words such as `inf`.
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Parses `true` or `false`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// Parses a date of the W3C's profile of ISO 8601 (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`, with time `Thh:mm`, `Thh:mm:ss`,
/// `Thh:mm:ss.s` and a zone), or seconds since 1970. Four digits are a year. Omitted parts are the earliest possible.
pub(super) fn date(text: &str) -> Option<OffsetDateTime> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if text.len() != 4 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok();
    }
    let complete: Cow<'_, str> = match text.split_once('T') {
        None => match text.len() {
            4 => [text, "-01-01T00:00:00Z"].concat().into(),
            7 => [text, "-01T00:00:00Z"].concat().into(),
            _ => [text, "T00:00:00Z"].concat().into(),
        },
        Some((date, time)) => {
            // hh:mm, then seconds or the zone.
            let (minutes, rest) = time.split_at_checked(5)?;
            if rest.starts_with(':') {
                text.into()
            } else {
                [date, "T", minutes, ":00", rest].concat().into()
            }
        }
    };
    OffsetDateTime::parse(&complete, &Rfc3339).ok()
}

/// Parses a range of addresses; a single address is a range of one.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Parses the address of a client. An IPv4 address mapped to IPv6 counts as IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Decodes base64.
pub(super) fn binary(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
