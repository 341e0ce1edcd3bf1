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

/// A compiled text with wildcards. The texts before the first wildcard and after the last are compared as a whole: a
/// policy has hundreds of patterns, most of which differ from a request's text in one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    ends: Ends,
    /// From the first wildcard to the last. Empty: there are no wildcards, and the text is the head.
    middle: Vec<Unit>,
}

impl Glob {
    pub(super) fn new(mut units: Vec<Unit>) -> Self {
        let ends = Ends::take(&mut units, |unit| match unit {
            Unit::Char(char) => Some(*char),
            Unit::One | Unit::Any => None,
        });
        Self { ends, middle: units }
    }

    /// Returns whether the whole of a text matches.
    pub(super) fn matches(&self, text: &str, case: Case) -> bool {
        match self.ends.strip(text, case) {
            None => false,
            Some(rest) => self.middle == [Unit::Any] || matches(&self.middle, rest, case),
        }
    }

    /// Returns the text before the first wildcard.
    pub(super) fn head(&self) -> &str {
        &self.ends.head
    }

    /// Returns whether there are no wildcards.
    pub(super) fn is_fixed(&self) -> bool {
        self.middle.is_empty()
    }

    pub(super) fn units(&self) -> impl Iterator<Item = Unit> {
        self.ends.around(self.middle.iter().copied())
    }
}

/// The literal texts at both ends of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    head: String,
    /// `None` instead of an empty text, which half of the patterns would have: `memcmp` takes 50 ns for it on processors
    /// with AVX-512, because an empty text has no valid address.
    foot: Option<String>,
    /// Both are ASCII, as all actions are.
    is_ascii: bool,
}

impl Ends {
    /// Removes the characters at both ends of a pattern. If there is nothing else, they are all in the head.
    pub(super) fn take<T>(pattern: &mut Vec<T>, char: impl Fn(&T) -> Option<char>) -> Self {
        let head: Vec<char> = pattern.iter().map_while(&char).collect();
        *pattern = pattern.split_off(head.len());
        let foot: Vec<char> = pattern.iter().rev().map_while(&char).collect();
        pattern.truncate(pattern.len() - foot.len());
        Self {
            is_ascii: head.iter().chain(&foot).all(char::is_ascii),
            head: head.into_iter().collect(),
            foot: (!foot.is_empty()).then(|| foot.into_iter().rev().collect()),
        }
    }

    /// Removes the ends from a text; `None` if the text has others.
    pub(super) fn strip<'a>(&self, text: &'a str, case: Case) -> Option<&'a str> {
        if case == Case::Sensitive {
            let rest = text.strip_prefix(self.head.as_str())?;
            return match &self.foot {
                None => Some(rest),
                Some(foot) => rest.strip_suffix(foot.as_str()),
            };
        }
        let end = self.foot.as_deref().unwrap_or_default();
        if self.is_ascii {
            let (head, rest) = text.split_at_checked(self.head.len())?;
            let (rest, foot) = rest.split_at_checked(rest.len().checked_sub(end.len())?)?;
            let is_same = head.eq_ignore_ascii_case(&self.head) && foot.eq_ignore_ascii_case(end);
            return is_same.then_some(rest);
        }
        let mut rest = text.chars();
        for wanted in self.head.chars() {
            if !same(wanted, rest.next()?, case) {
                return None;
            }
        }
        for wanted in end.chars().rev() {
            if !same(wanted, rest.next_back()?, case) {
                return None;
            }
        }
        Some(rest.as_str())
    }

    /// Adds the ends to the units between them.
    pub(super) fn around(&self, middle: impl Iterator<Item = Unit>) -> impl Iterator<Item = Unit> {
        let foot = self.foot.as_deref().unwrap_or_default();
        let (head, foot) = (self.head.chars(), foot.chars());
        head.map(Unit::Char).chain(middle).chain(foot.map(Unit::Char))
    }
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
            let Some(next) = next_candidate(units.get(at), rest, case) else {
                return false;
            };
            rest = next;
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
                let Some(next) = next_candidate(units.get(after), longer.as_str(), case) else {
                    return false;
                };
                at = after;
                rest = next;
                retry = Some((after, rest));
            }
        }
    }
}

/// Returns the rest of a text from the first place where this unit can match; `None` if there is none. It only saves
/// time: every other place would be tried in turn.
fn next_candidate<'a>(unit: Option<&Unit>, text: &'a str, case: Case) -> Option<&'a str> {
    match unit {
        Some(Unit::Char(wanted)) if case == Case::Sensitive => {
            text.find(*wanted).and_then(|at| text.get(at..))
        }
        _ => Some(text),
    }
}

/// Returns whether units match any text with this prefix.
pub(super) fn matches_beginning(units: &[Unit], beginning: &str) -> bool {
    let mut units = units.iter();
    for char in beginning.chars() {
        match units.next() {
            // Whatever comes after it, some text begins like this.
            Some(Unit::Any) => return true,
            Some(Unit::One) => {}
            Some(Unit::Char(wanted)) if *wanted == char => {}
            Some(Unit::Char(_)) | None => return false,
        }
    }
    true
}

/// Compares characters. An ASCII letter equals no other than its own in the other case.
fn same(a: char, b: char, case: Case) -> bool {
    match (case, a.is_ascii() || b.is_ascii()) {
        (Case::Sensitive, _) => a == b,
        (Case::Ignored, true) => a.eq_ignore_ascii_case(&b),
        (Case::Ignored, false) => a.to_lowercase().eq(b.to_lowercase()),
    }
}
