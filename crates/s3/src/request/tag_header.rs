//! `x-amz-tagging`: tags in the format of a query.

use percent_encoding::percent_decode_str;

/// Returns the names and values of `key=value&key=value`, decoded, for the operation and for policies alike. `None`: they
/// are not UTF-8, and the operation refuses them.
pub(crate) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let decoded = percent_decode_str(&text).decode_utf8().ok()?;
        Some(decoded.into_owned())
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(key)?, decode(value)?))
        })
        .collect()
}
