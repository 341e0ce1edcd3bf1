//! The cookies of the console: one holds the token of a session, one the theme.

use crate::sessions::Token;
use crate::visitor::Theme;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Cookie of a session. With its prefix browsers accept it only over HTTPS, for this host alone, and newer ones only from a
/// response, never from a script. (RFC 6265bis, section 4.1.3.)
const SESSION: &str = "__Host-Http-strongroom";
/// Cookie of the theme, which is no secret.
const THEME: &str = "strongroom-theme";
/// Time for which a browser keeps the theme: a year.
const YEAR: u32 = 365 * 24 * 60 * 60;

/// Returns the token that a request has.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    value(headers, SESSION)
}

/// Returns the theme that a request asks for.
pub(crate) fn theme(headers: &HeaderMap) -> Theme {
    match value(headers, THEME) {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Returns the header that begins a session.
pub(crate) fn begin(token: &Token) -> Option<HeaderValue> {
    let Token(token) = token;
    let text = format!("{SESSION}={token}; Secure; HttpOnly; SameSite=Strict; Path=/");
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Returns the header that ends a session.
pub(crate) fn end() -> HeaderValue {
    const END: &str = "__Host-Http-strongroom=; Max-Age=0; Secure; HttpOnly; SameSite=Strict; Path=/";
    HeaderValue::from_static(END)
}

/// Returns the header that sets the theme.
pub(crate) fn with_theme(theme: Theme) -> Option<HeaderValue> {
    let (name, age) = match theme {
        Theme::System => ("", 0),
        Theme::Light => ("light", YEAR),
        Theme::Dark => ("dark", YEAR),
    };
    let text = format!("{THEME}={name}; Max-Age={age}; Secure; HttpOnly; SameSite=Strict; Path=/");
    HeaderValue::try_from(text).ok()
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).into_iter();
    cookies
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
