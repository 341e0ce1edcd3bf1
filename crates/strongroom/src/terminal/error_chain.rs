//! Text of an error together with its causes.

use std::error::Error;

/// Formats an error with its causes as one sentence. A cause that the text already ends with is not repeated. Control
/// characters are escaped, because the text may contain names chosen by others.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, letter| {
            if letter.is_control() && letter != '\n' {
                safe.extend(letter.escape_default());
            } else {
                safe.push(letter);
            }
            safe
        })
}
