//! Values of conditions, in policies and in requests.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;
use std::borrow::Cow;
use std::net::IpAddr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An integer or a decimal number.
pub(super) fn number(text: &str) -> Option<f64> {
    // Rust would read words, too.
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `true` or `false`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// A date of the W3C's profile of ISO 8601 (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`, with time `Thh:mm`, `Thh:mm:ss`, `Thh:mm:ss.s`
/// and a zone), or seconds since 1970. Four digits are a year. What is left out is the earliest.
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

/// A range of addresses; one address is the range of itself.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The address of a client. An IPv4 address that came by IPv6 is one still.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Bytes, in base64.
pub(super) fn binary(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
