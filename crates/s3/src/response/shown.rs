//! Texts of requests that errors repeat, without what may be a customer key in the wrong place.

use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// Stands for a text that is not repeated.
pub(crate) const HIDDEN: &str = "(not shown)";

/// Characters in the base64 of 32 bytes without padding; their hex has more. What is at least as long may be a key.
const KEY_IN_BASE64: usize = 43;
/// Hex digits of 16 bytes, the MD5 of a key.
const MD5_IN_HEX: usize = 32;

/// Returns whether a text has characters in a row that may be a key.
pub(crate) fn may_have_key(text: &str) -> bool {
    longest(text, is_base64) >= KEY_IN_BASE64
}

/// Returns the value of an encryption header as a response may repeat it: nothing of it if a key, or its MD5, in any form
/// may be in it.
pub(crate) fn of_encryption(value: &str) -> &str {
    let is_any_base64 = |c: char| is_base64(c) || "-_".contains(c);
    if longest(value, is_any_base64) >= KEY_IN_BASE64
        || longest(value, |c| c.is_ascii_hexdigit()) >= MD5_IN_HEX
    {
        HIDDEN
    } else {
        value
    }
}

/// Returns a text of an error with [`HIDDEN`] in place of what may be a key. Names of headers and operations are shorter
/// between their hyphens, and an `ETag` has 32 digits.
pub(super) fn in_error(text: &str) -> Cow<'_, str> {
    if !may_have_key(text) {
        return text.into();
    }
    let (mut shown, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        let length = rest.find(|c| !is_base64(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        shown.push_str(if run.len() < KEY_IN_BASE64 { run } else { HIDDEN });
        let next = after.find(is_base64).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        shown.push_str(between);
        rest = after;
    }
    shown.into()
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/".contains(c)
}

fn longest(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    let runs = text.split(|c| !belongs(c));
    runs.map(str::len).max().unwrap_or_default()
}
