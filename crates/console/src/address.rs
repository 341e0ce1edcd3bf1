//! Addresses of pages. Keys of objects are in the query: browsers would fold `.` and `..` in a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use strongroom_engine::VersionName;

/// Characters that are escaped in a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Returns an address with a query of the values that are not empty.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut next = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(next);
        address.push_str(name);
        address.push('=');
        address.push_str(&escaped(value));
        next = '&';
    }
    address
}

/// Returns the address of a page of a bucket. Names of buckets need no escapes.
pub(crate) fn of_bucket(bucket: &str, page: &str) -> String {
    if page.is_empty() {
        format!("/b/{bucket}")
    } else {
        format!("/b/{bucket}/{page}")
    }
}

/// Returns the address of the objects that begin with a prefix.
pub(crate) fn of_prefix(bucket: &str, prefix: &str) -> String {
    with_query(&of_bucket(bucket, ""), &[("prefix", prefix)])
}

/// Returns the address of a page about an object, or about a version of it.
pub(crate) fn of_object(bucket: &str, page: &str, key: &str, version: Option<VersionName>) -> String {
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    with_query(&of_bucket(bucket, page), &[("key", key), ("version", &version)])
}

/// Returns an address of this console that a query names. Anything else leads to the first page.
pub(crate) fn local(address: &str) -> &str {
    let is_path = address.starts_with('/')
        && !address.starts_with("//")
        && !address.starts_with("/\\")
        && address.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path { address } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped_and_other_sites_are_no_addresses() {
        assert_eq!(
            of_prefix("vault", "a b/ü&#?/../"),
            "/b/vault?prefix=a%20b/%C3%BC%26%23%3F/../"
        );
        assert_eq!(
            of_object("vault", "object", "+%", None),
            "/b/vault/object?key=%2B%25"
        );
        for other in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\tx",
            "",
        ] {
            assert_eq!(local(other), "/", "{other}");
        }
        assert_eq!(local("/b/vault?prefix=a"), "/b/vault?prefix=a");
    }
}
