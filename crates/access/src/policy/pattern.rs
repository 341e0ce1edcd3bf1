//! Texts with wildcards and variables.
//!
//! `*` stands for any characters, `?` for one (IAM User Guide, "Resource", "String condition operators"). Variables are
//! replaced by values of the request, as literal text: a user named `*` matches an asterisk only ("IAM policy elements:
//! Variables and tags").

use crate::policy::context::Conditions;
use crate::policy::error::Fault;
use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// Syntax of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(super) wildcards: bool,
    /// `${...}` are variables: since version 2012-10-17.
    pub(super) variables: bool,
}

/// Case sensitivity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    Ignored,
}

/// A compiled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// A text without variables.
    Fixed(Vec<Unit>),
    /// A text with variables, to be replaced for each request.
    Template(Vec<Part>),
}

/// One position of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A piece of a pattern with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Unit(Unit),
    Variable { key: String, default: Option<String> },
}

impl Pattern {
    /// Compiles a text.
    pub(super) fn compile(text: &str, syntax: Syntax) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                let invalid = || Fault::Variable(text.to_owned());
                let (variable, after) = split_variable(rest).ok_or_else(invalid)?;
                parts.push(variable_part(variable).ok_or_else(invalid)?);
                rest = after;
                continue;
            }
            parts.push(Part::Unit(match first {
                '*' if syntax.wildcards => Unit::Any,
                '?' if syntax.wildcards => Unit::One,
                other => Unit::Char(other),
            }));
            rest = &rest[first.len_utf8()..];
        }
        let units = parts.iter().map(|part| match part {
            Part::Unit(unit) => Some(*unit),
            Part::Variable { .. } => None,
        });
        Ok(match units.collect() {
            Some(units) => Self::Fixed(units),
            None => Self::Template(parts),
        })
    }

    /// Returns whether the pattern matches a text. `None`: it contains a variable without a value in the request.
    pub(super) fn matches(&self, text: &str, case: Case, conditions: &Conditions<'_>) -> Option<bool> {
        let units = match self {
            Self::Fixed(units) => Cow::Borrowed(units.as_slice()),
            Self::Template(parts) => Cow::Owned(replace(parts, conditions)?),
        };
        Some(matches(&units, text, case))
    }

    /// Returns the pattern with `*` for every variable: everything that it could match.
    pub(super) fn widest(&self) -> Cow<'_, [Unit]> {
        match self {
            Self::Fixed(units) => Cow::Borrowed(units),
            Self::Template(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Unit(unit) => *unit,
                    Part::Variable { .. } => Unit::Any,
                })
                .collect(),
        }
    }

    /// Returns the text if it contains neither wildcards nor variables, nor characters that look like wildcards.
    pub(super) fn fixed(&self) -> Option<String> {
        match self {
            Self::Fixed(units) => units
                .iter()
                .map(|unit| match unit {
                    Unit::Char('*' | '?') | Unit::Any | Unit::One => None,
                    Unit::Char(char) => Some(*char),
                })
                .collect(),
            Self::Template(_) => None,
        }
    }

    /// Returns the keys of the variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Fixed(_) => &[],
            Self::Template(parts) => parts.as_slice(),
        };
        parts.iter().filter_map(|part| match part {
            Part::Unit(_) => None,
            Part::Variable { key, .. } => Some(key.as_str()),
        })
    }
}

/// Splits a text that begins with `${` after its variable: the text in the braces, and the rest. A brace within a
/// quoted default does not end it.
fn split_variable(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("${")?;
    let mut quoted = false;
    let end = text.find(|char| {
        quoted ^= char == '\'';
        char == '}' && !quoted
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// Parses the text in the braces: `key`, `key, 'default'`, or a character that would have another meaning outside.
fn variable_part(variable: &str) -> Option<Part> {
    if let "*" | "?" | "$" = variable {
        return variable.chars().next().map(|char| Part::Unit(Unit::Char(char)));
    }
    let (key, default) = match variable.split_once(',') {
        None => (variable, None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key, Some(default.to_owned()))
        }
    };
    let key = key.trim();
    key.contains(':').then(|| Part::Variable {
        key: key.to_owned(),
        default,
    })
}

/// Replaces variables by values; `None` if one has none.
fn replace(parts: &[Part], conditions: &Conditions<'_>) -> Option<Vec<Unit>> {
    let mut units = Vec::with_capacity(parts.len() + 32);
    for part in parts {
        match part {
            Part::Unit(unit) => units.push(*unit),
            Part::Variable { key, default } => {
                let value = conditions.value(key).or(default.as_deref())?;
                units.extend(value.chars().map(Unit::Char));
            }
        }
    }
    Some(units)
}

/// Returns whether a pattern matches the whole of a text.
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

/// Returns whether a pattern matches any text with this prefix.
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
