//! Texts with wildcards and variables.
//!
//! (IAM User Guide, "Resource", "String condition operators" for wildcards.) Variables are
//! replaced by values of the request, as literal text: a user named `*` matches an asterisk only ("IAM policy elements:
//! Variables and tags").

use crate::policy::context::Conditions;
use crate::policy::error::Fault;
use crate::policy::glob::{Case, Ends, Glob, Unit, matches};

#[cfg(test)]
mod tests;

/// Number of parts of an ARN. The last one may contain colons.
pub(super) const ARN_PARTS: usize = 6;

/// Syntax of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(super) wildcards: bool,
    /// `${...}` are variables: since version 2012-10-17.
    pub(super) variables: bool,
}

/// A compiled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// A text without variables.
    Fixed(Glob),
    /// A text with variables, to be replaced for each request.
    Template {
        /// The texts before the first wildcard or variable, and after the last.
        ends: Ends,
        /// The rest.
        middle: Vec<Part>,
    },
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
        if let Some(units) = units.collect() {
            return Ok(Self::Fixed(Glob::new(units)));
        }
        let ends = Ends::take(&mut parts, |part| match part {
            Part::Unit(Unit::Char(char)) => Some(*char),
            _ => None,
        });
        Ok(Self::Template { ends, middle: parts })
    }

    /// Returns whether the pattern matches a text. `None`: it contains a variable without a value in the request.
    pub(super) fn matches(&self, text: &str, case: Case, conditions: &Conditions<'_>) -> Option<bool> {
        match self {
            Self::Fixed(glob) => Some(glob.matches(text, case)),
            Self::Template { ends, middle } => {
                let Some(rest) = ends.strip(text, case) else {
                    let mut parts = middle.iter();
                    return parts.all(|part| part.has_value(conditions)).then_some(false);
                };
                Some(matches(&replace(middle, conditions)?, rest, case))
            }
        }
    }

    /// Returns the pattern with `*` for every variable: everything that it could match.
    pub(super) fn widest(&self) -> Vec<Unit> {
        match self {
            Self::Fixed(glob) => glob.units().collect(),
            Self::Template { ends, middle } => {
                let middle = middle.iter().map(|part| match part {
                    Part::Unit(unit) => *unit,
                    Part::Variable { .. } => Unit::Any,
                });
                ends.around(middle).collect()
            }
        }
    }

    /// Returns the text if it contains neither wildcards nor variables, nor characters that look like wildcards.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self {
            Self::Fixed(glob) if glob.is_fixed() => {
                Some(glob.head()).filter(|text| !text.contains(['*', '?']))
            }
            Self::Fixed(_) | Self::Template { .. } => None,
        }
    }

    /// Returns the keys of the variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Fixed(_) => &[],
            Self::Template { middle, .. } => middle.as_slice(),
        };
        parts.iter().filter_map(|part| match part {
            Part::Unit(_) => None,
            Part::Variable { key, .. } => Some(key.as_str()),
        })
    }
}

impl Part {
    /// Returns whether the part is no variable without a value in the request.
    fn has_value(&self, conditions: &Conditions<'_>) -> bool {
        match self {
            Self::Unit(_) | Self::Variable { default: Some(_), .. } => true,
            Self::Variable { key, default: None } => conditions.value(key).is_some(),
        }
    }
}

/// Splits an ARN into at most six parts at its colons, except those within variables.
pub(super) fn split_arn(text: &str, variables: bool) -> Vec<&str> {
    let mut braces = false;
    let mut before = ' ';
    let parts = text.splitn(ARN_PARTS, |char| {
        match char {
            '{' if variables && before == '$' => braces = true,
            '}' => braces = false,
            _ => {}
        }
        before = char;
        char == ':' && !braces
    });
    parts.collect()
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
