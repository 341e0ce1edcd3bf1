//! Text of clients for a terminal.

use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// Text that is safe on a terminal and can be told from what stands around it, in quotes where it must be: names of
/// objects are for clients to choose.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| !letter.is_whitespace() && letter.escape_debug().len() == 1;
    if text.chars().all(is_plain) && !text.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text:?}"))
    }
}
