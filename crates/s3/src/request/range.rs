//! The `Range` header (RFC 9110 section 14), in the form that s3s reads.

use std::cmp::Ordering;

#[cfg(test)]
mod tests;

/// Largest number that s3s reads. No object is larger, so a larger number means the same.
const MAX: &str = "9223372036854775807";

/// Returns a range with numbers that s3s can read. `None`: it is not a range, or several ranges; HTTP and AWS then
/// return the whole object.
pub(crate) fn readable(range: &str) -> Option<String> {
    let (unit, range) = range.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    match (first, last) {
        ("", last) => Some(format!("bytes=-{}", number(last)?)),
        (first, "") => Some(format!("bytes={}-", number(first)?)),
        (first, last) => {
            let (first, last) = (digits(first)?, digits(last)?);
            (order(first, last) != Ordering::Greater)
                .then(|| format!("bytes={}-{}", at_most_max(first), at_most_max(last)))
        }
    }
}

fn number(text: &str) -> Option<&str> {
    Some(at_most_max(digits(text)?))
}

/// Returns the digits of a number without zeros before them.
fn digits(text: &str) -> Option<&str> {
    if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let rest = text.trim_start_matches('0');
    Some(if rest.is_empty() { "0" } else { rest })
}

fn at_most_max(digits: &str) -> &str {
    if order(digits, MAX) == Ordering::Greater {
        MAX
    } else {
        digits
    }
}

fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}
