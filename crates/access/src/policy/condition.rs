//! Conditions of statements.
//!
//! (IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values",
//! "Single-valued vs. multivalued context keys".)

use crate::policy::context::Conditions;
use crate::policy::effect::Effect;
use crate::policy::glob::Case;
use crate::policy::pattern::{ARN_PARTS, Pattern};
use ipnet::IpNet;
use std::cmp::Ordering;
use time::OffsetDateTime;

mod operator;
#[cfg(test)]
mod tests;
mod value;

/// One key under one operator. A statement applies only if all of its conditions hold.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The operator as written.
    pub(super) operator: String,
    pub(super) key: String,
    /// `ForAnyValue:` or `ForAllValues:`.
    pub(super) quantifier: Option<Quantifier>,
    /// `...IfExists`: holds if the key is absent.
    pub(super) if_exists: bool,
    /// `...Not...`: holds if none of the policy's values match, or the key is absent.
    pub(super) negated: bool,
    pub(super) test: Test,
}

/// Number of the request's values that must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// The policy's values, any of which may match, and how they are compared.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Text(Vec<Pattern>, Case),
    Number(Comparison, Vec<f64>),
    Date(Comparison, Vec<OffsetDateTime>),
    Bool(Vec<bool>),
    Binary(Vec<Vec<u8>>),
    Address(Vec<IpNet>),
    /// One pattern for each of the six parts of an ARN.
    Arn(Vec<Vec<Pattern>>),
    /// Values of `Null`: true requires the key to be absent, false to be present.
    Null(Vec<bool>),
}

/// Required relation of the request's value to the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Condition {
    /// Returns whether the condition holds for a request.
    ///
    /// A value of the policy with a variable that has no value in the request matches nothing. A negated operator would
    /// hold then; it does so in a Deny, but not in an Allow.
    pub(super) fn holds(&self, conditions: &Conditions<'_>, effect: Effect) -> bool {
        // For quantifiers, an empty text is no value: "if the key values in the request resolve to an empty data set
        // (for example, an empty string)".
        let mut values = conditions
            .values(&self.key)
            .filter(|value| self.quantifier.is_none() || !value.is_empty())
            .peekable();
        let absent = values.peek().is_none();
        if let Test::Null(expected) = &self.test {
            return expected.contains(&absent);
        }
        if absent {
            return self.if_exists
                || match self.quantifier {
                    None => self.negated,
                    Some(Quantifier::Any) => false,
                    Some(Quantifier::All) => true,
                };
        }
        let passes = |value: &str| match self.test.matches(value, conditions) {
            None if self.negated => effect == Effect::Deny,
            matched => (matched == Some(true)) != self.negated,
        };
        match (self.quantifier, self.negated) {
            (Some(Quantifier::Any), _) | (None, false) => values.any(passes),
            (Some(Quantifier::All), _) | (None, true) => values.all(passes),
        }
    }

    /// Returns the key, and the keys of variables.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let (texts, arns) = match &self.test {
            Test::Text(patterns, _) => (patterns.as_slice(), [].as_slice()),
            Test::Arn(arns) => ([].as_slice(), arns.as_slice()),
            _ => ([].as_slice(), [].as_slice()),
        };
        let patterns = texts.iter().chain(arns.iter().flatten());
        std::iter::once(self.key.as_str()).chain(patterns.flat_map(Pattern::variables))
    }
}

impl Test {
    /// Returns whether any value of the policy matches this value of the request. `None`: none matches, and one of them
    /// contains a variable that has no value in the request.
    fn matches(&self, value: &str, conditions: &Conditions<'_>) -> Option<bool> {
        Some(match self {
            Self::Text(patterns, case) => {
                return any(patterns, |pattern| pattern.matches(value, *case, conditions));
            }
            Self::Arn(patterns) => {
                let parts: Vec<&str> = value.splitn(ARN_PARTS, ':').collect();
                return any(patterns, |pattern| arn_matches(pattern, &parts, conditions));
            }
            Self::Number(comparison, wanted) => value::number(value).is_some_and(|value| {
                let mut orderings = wanted.iter().filter_map(|wanted| value.partial_cmp(wanted));
                orderings.any(|ordering| comparison.holds(ordering))
            }),
            Self::Date(comparison, wanted) => value::date(value)
                .is_some_and(|value| wanted.iter().any(|wanted| comparison.holds(value.cmp(wanted)))),
            Self::Bool(wanted) => value::boolean(value).is_some_and(|value| wanted.contains(&value)),
            Self::Binary(wanted) => wanted.iter().any(|wanted| wanted == value.as_bytes()),
            Self::Address(wanted) => value::address(value)
                .is_some_and(|value| wanted.iter().any(|network| network.contains(&value))),
            Self::Null(_) => false,
        })
    }
}

fn arn_matches(pattern: &[Pattern], parts: &[&str], conditions: &Conditions<'_>) -> Option<bool> {
    if parts.len() != pattern.len() {
        return Some(false);
    }
    let mut all = true;
    for (pattern, part) in pattern.iter().zip(parts) {
        all &= pattern.matches(part, Case::Sensitive, conditions)?;
    }
    Some(all)
}

/// Returns `Some(true)` if any item is `Some(true)`, else `None` if any is `None`, else `Some(false)`.
fn any<T>(items: &[T], mut test: impl FnMut(&T) -> Option<bool>) -> Option<bool> {
    let mut result = Some(false);
    for item in items {
        match test(item) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}
