//! Client-supplied text for a terminal.

use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// Returns text that is safe on a terminal and distinguishable from its surroundings, quoted and escaped if needed:
/// clients choose the names of objects.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| !letter.is_whitespace() && letter.escape_debug().len() == 1;
    if text.chars().all(is_plain) && !text.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text:?}"))
    }
}
