//! Texts with wildcards: `*` stands for any characters, `?` for one.

/// Case sensitivity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    Ignored,
}

/// One position of a text with wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A compiled text with wildcards. The text before the first wildcard is compared as a whole: a policy has hundreds of
/// texts, most of which differ from a request's in their beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    /// The text before the first wildcard.
    head: String,
    /// The rest. Empty: there are no wildcards.
    tail: Vec<Unit>,
}

impl Glob {
    pub(super) fn new(mut units: Vec<Unit>) -> Self {
        let head = take_head(&mut units, |unit| match unit {
            Unit::Char(char) => Some(*char),
            Unit::One | Unit::Any => None,
        });
        Self { head, tail: units }
    }

    /// Returns whether the whole of a text matches.
    pub(super) fn matches(&self, text: &str, case: Case) -> bool {
        match strip_head(&self.head, text, case) {
            None => false,
            Some(rest) if self.tail.is_empty() => rest.is_empty(),
            Some(rest) => self.tail == [Unit::Any] || matches(&self.tail, rest, case),
        }
    }

    /// Returns the text before the first wildcard.
    pub(super) fn head(&self) -> &str {
        &self.head
    }

    /// Returns whether there are no wildcards.
    pub(super) fn is_fixed(&self) -> bool {
        self.tail.is_empty()
    }

    pub(super) fn units(&self) -> impl Iterator<Item = Unit> {
        self.head.chars().map(Unit::Char).chain(self.tail.iter().copied())
    }
}

/// Removes the characters at the beginning of a list, and returns them.
pub(super) fn take_head<T>(list: &mut Vec<T>, char: impl Fn(&T) -> Option<char>) -> String {
    let head: String = list.iter().map_while(&char).collect();
    let at = list.iter().take_while(|item| char(item).is_some()).count();
    *list = list.split_off(at);
    head
}

/// Removes a beginning without wildcards from a text; `None` if the text has another one.
pub(super) fn strip_head<'a>(head: &str, text: &'a str, case: Case) -> Option<&'a str> {
    if case == Case::Sensitive {
        return text.strip_prefix(head);
    }
    if head.is_ascii() && text.is_ascii() {
        let (beginning, rest) = text.split_at_checked(head.len())?;
        return beginning.eq_ignore_ascii_case(head).then_some(rest);
    }
    let mut chars = text.chars();
    for wanted in head.chars() {
        if !same(wanted, chars.next()?, case) {
            return None;
        }
    }
    Some(chars.as_str())
}

/// Returns whether units match the whole of a text.
///
/// Only the last `*` is ever retried, as the matches of the ones before it may stay as short as possible. So the time
/// is at most the text's length times that of the longest piece between two `*`, never exponential.
pub(super) fn matches(units: &[Unit], text: &str, case: Case) -> bool {
    let mut at = 0;
    let mut rest = text;
    // Position after the last `*`, and the text it has not consumed yet.
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let unit = units.get(at);
        if unit == Some(&Unit::Any) {
            at += 1;
            retry = Some((at, rest));
            continue;
        }
        let mut chars = rest.chars();
        let next = chars.next();
        match (unit, next) {
            (None, None) => return true,
            // A longer `*` would leave even less for the rest.
            (Some(_), None) => return false,
            (Some(Unit::One), Some(_)) => {
                at += 1;
                rest = chars.as_str();
            }
            (Some(Unit::Char(wanted)), Some(found)) if same(*wanted, found, case) => {
                at += 1;
                rest = chars.as_str();
            }
            _ => {
                let Some((after, from)) = retry else { return false };
                let mut longer = from.chars();
                longer.next();
                at = after;
                rest = longer.as_str();
                retry = Some((after, rest));
            }
        }
    }
}

/// Returns whether units match any text with this prefix.
pub(super) fn matches_beginning(units: &[Unit], beginning: &str) -> bool {
    // Possible positions in the pattern after each character.
    let mut here = vec![false; units.len() + 1];
    here[0] = true;
    skip_any(units, &mut here);
    for char in beginning.chars() {
        let mut next = vec![false; units.len() + 1];
        for (at, unit) in units.iter().enumerate().filter(|(at, _)| here[*at]) {
            match unit {
                Unit::Any => next[at] = true,
                Unit::One => next[at + 1] = true,
                Unit::Char(wanted) => next[at + 1] |= *wanted == char,
            }
        }
        here = next;
        skip_any(units, &mut here);
    }
    here.contains(&true)
}

/// Adds the positions after a `*`, which may match nothing.
fn skip_any(units: &[Unit], here: &mut [bool]) {
    for (at, unit) in units.iter().enumerate() {
        if here[at] && *unit == Unit::Any {
            here[at + 1] = true;
        }
    }
}

fn same(a: char, b: char, case: Case) -> bool {
    a == b || case == Case::Ignored && a.to_lowercase().eq(b.to_lowercase())
}
