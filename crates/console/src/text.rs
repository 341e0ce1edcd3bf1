//! Names, numbers and times as people read them.

use maud::{Markup, html};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

#[cfg(test)]
mod tests;

/// Shows a name that somebody else chose: control characters, marks that change the direction of text, and spaces at its
/// ends are shown as boxed code points, so that no name looks like another one.
pub(crate) fn name(text: &str) -> Markup {
    let pieces = pieces(text);
    html! {
        bdi class="name" title=(plain(text)) {
            @for piece in pieces {
                @match piece {
                    Piece::Text(text) => { (text) }
                    Piece::Boxed(code) => { span class="code" { (code) } }
                }
            }
        }
    }
}

/// Returns a name in one line without characters that hide or move others, for titles and attributes.
pub(crate) fn plain(text: &str) -> String {
    let pieces = pieces(text).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Boxed(code) => format!("[{code}]"),
        })
        .collect()
}

enum Piece<'a> {
    Text(&'a str),
    Boxed(String),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let inner = text.trim_matches(char::is_whitespace);
    let begin = text.len() - text.trim_start_matches(char::is_whitespace).len();
    let edges = begin..begin + inner.len();
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        if !is_hidden(letter) && (edges.contains(&at) || !letter.is_whitespace()) {
            continue;
        }
        if from < at {
            pieces.push(Piece::Text(&text[from..at]));
        }
        pieces.push(Piece::Boxed(format!("U+{:04X}", u32::from(letter))));
        from = at + letter.len_utf8();
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// Returns whether a character is not visible, or changes how its neighbours are shown (Unicode Standard Annex 9).
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || (letter.is_whitespace() && letter != ' ')
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Shows a number of bytes with three digits and a binary unit, and the exact number as the tooltip.
pub(crate) fn size(bytes: u64) -> Markup {
    let (number, unit) = short_size(bytes);
    html! { span class="size" title={ (grouped(bytes)) " bytes" } { (number) " " span class="unit" { (unit) } } }
}

fn short_size(bytes: u64) -> (String, &'static str) {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return (bytes.to_string(), "B");
    }
    // 999.5 KiB would round to 1000.
    let mut thousandths = u128::from(bytes) * 1000 / 1024;
    let mut unit = 0;
    while thousandths >= 999_500 && unit + 1 < UNITS.len() {
        thousandths /= 1024;
        unit += 1;
    }
    let number = match thousandths {
        0..9_995 => {
            let hundredths = (thousandths + 5) / 10;
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        }
        9_995..99_950 => {
            let tenths = (thousandths + 50) / 100;
            format!("{}.{}", tenths / 10, tenths % 10)
        }
        _ => ((thousandths + 500) / 1000).to_string(),
    };
    (number, UNITS[unit])
}

/// Returns a number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Shows a time: how long ago in the last seven days, else the day; in full as the tooltip. Both are in microseconds since
/// 1970.
pub(crate) fn when(time: u64, now: u64) -> Markup {
    let Some(exact) = at(time) else {
        return html! { "-" };
    };
    let full = exact.format(&Rfc3339).unwrap_or_default();
    html! { time datetime=(full) title={ (full_text(time)) } { (ago(time, now)) } }
}

/// Returns a time in full: `12 Nov 2026, 09:14:05 UTC`.
pub(crate) fn full_text(time: u64) -> String {
    let form =
        format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC");
    at(time)
        .and_then(|time| time.format(form).ok())
        .unwrap_or_default()
}

fn ago(time: u64, now: u64) -> String {
    let seconds = now.saturating_sub(time) / 1_000_000;
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        86_400..604_800 => format!("{} d ago", seconds / 86_400),
        _ => {
            let form = format_description!("[day padding:none] [month repr:short] [year]");
            at(time)
                .and_then(|time| time.format(form).ok())
                .unwrap_or_default()
        }
    }
}

fn at(time: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(time / 1_000_000).ok()?).ok()
}

/// Returns a number with its noun.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number as u64))
}

/// Shows a text of several lines that somebody else wrote.
pub(crate) fn lines(text: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @let (start, rest) = line.split_at(line.len() - line.trim_start_matches(' ').len());
            (start) (name(rest)) "\n"
        }
    }
}
