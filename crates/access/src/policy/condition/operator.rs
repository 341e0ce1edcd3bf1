//! Parsing of the element `Condition`.

use crate::policy::condition::{Comparison, Condition, Quantifier, Test, value};
use crate::policy::error::Fault;
use crate::policy::glob::Case;
use crate::policy::json::Json;
use crate::policy::pattern::{ARN_PARTS, Pattern, Syntax, split_arn};

/// Kind of an operator, before its values are known.
#[derive(Clone, Copy)]
enum Kind {
    /// A text comparison, with or without wildcards.
    Text {
        wildcards: bool,
        case: Case,
    },
    Number(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

/// All operators: name, kind, whether negated.
const OPERATORS: &[(&str, Kind, bool)] = &[
    ("StringEquals", EQUALS, false),
    ("StringNotEquals", EQUALS, true),
    ("StringEqualsIgnoreCase", EQUALS_IN_ANY_CASE, false),
    ("StringNotEqualsIgnoreCase", EQUALS_IN_ANY_CASE, true),
    ("StringLike", LIKE, false),
    ("StringNotLike", LIKE, true),
    ("NumericEquals", Kind::Number(Comparison::Equal), false),
    ("NumericNotEquals", Kind::Number(Comparison::Equal), true),
    ("NumericLessThan", Kind::Number(Comparison::Less), false),
    (
        "NumericLessThanEquals",
        Kind::Number(Comparison::LessOrEqual),
        false,
    ),
    ("NumericGreaterThan", Kind::Number(Comparison::Greater), false),
    (
        "NumericGreaterThanEquals",
        Kind::Number(Comparison::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Kind::Date(Comparison::Equal), false),
    ("DateNotEquals", Kind::Date(Comparison::Equal), true),
    ("DateLessThan", Kind::Date(Comparison::Less), false),
    ("DateLessThanEquals", Kind::Date(Comparison::LessOrEqual), false),
    ("DateGreaterThan", Kind::Date(Comparison::Greater), false),
    (
        "DateGreaterThanEquals",
        Kind::Date(Comparison::GreaterOrEqual),
        false,
    ),
    ("Bool", Kind::Bool, false),
    ("BinaryEquals", Kind::Binary, false),
    ("IpAddress", Kind::Address, false),
    ("NotIpAddress", Kind::Address, true),
    // "The ArnEquals and ArnLike condition operators behave identically."
    ("ArnEquals", Kind::Arn, false),
    ("ArnLike", Kind::Arn, false),
    ("ArnNotEquals", Kind::Arn, true),
    ("ArnNotLike", Kind::Arn, true),
    ("Null", Kind::Null, false),
];

const EQUALS: Kind = Kind::Text {
    wildcards: false,
    case: Case::Sensitive,
};
const EQUALS_IN_ANY_CASE: Kind = Kind::Text {
    wildcards: false,
    case: Case::Ignored,
};
const LIKE: Kind = Kind::Text {
    wildcards: true,
    case: Case::Sensitive,
};

/// A parsed operator name, such as `ForAnyValue:StringNotLikeIfExists`.
#[derive(Clone, Copy)]
struct Operator {
    quantifier: Option<Quantifier>,
    kind: Kind,
    negated: bool,
    if_exists: bool,
}

impl Condition {
    /// Parses the element: `{operator: {key: value or values}}`.
    pub(in crate::policy) fn parse_all(element: &Json, variables: bool) -> Result<Vec<Self>, Fault> {
        let shape = Fault::Shape(
            "Condition",
            "an object of operators, each with an object of keys, each with a value or an array of values",
        );
        let Json::Object(operators) = element else {
            return Err(shape);
        };
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            let operator = Operator::parse(name).ok_or_else(|| Fault::Operator(name.clone()))?;
            let Json::Object(keys) = keys else {
                return Err(shape);
            };
            if keys.is_empty() {
                return Err(Fault::Empty("Condition"));
            }
            for (key, values) in keys {
                if !is_key(key) {
                    return Err(Fault::ConditionKey(key.clone()));
                }
                let values = values.values().ok_or_else(|| shape.clone())?;
                if values.is_empty() {
                    return Err(Fault::Empty("Condition"));
                }
                conditions.push(Self {
                    operator: name.clone(),
                    key: key.clone(),
                    quantifier: operator.quantifier,
                    if_exists: operator.if_exists,
                    negated: operator.negated,
                    test: operator.test(&values, key, variables)?,
                });
            }
        }
        Ok(conditions)
    }
}

impl Operator {
    /// Parses an operator name, which is case-insensitive.
    fn parse(text: &str) -> Option<Self> {
        let (quantifier, name) = match text.split_once(':') {
            None => (None, text),
            Some((q, name)) if q.eq_ignore_ascii_case("ForAnyValue") => (Some(Quantifier::Any), name),
            Some((q, name)) if q.eq_ignore_ascii_case("ForAllValues") => (Some(Quantifier::All), name),
            Some(_) => return None,
        };
        let suffix = name
            .len()
            .checked_sub("IfExists".len())
            .and_then(|at| name.split_at_checked(at));
        let (name, if_exists) = match suffix {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (name, true),
            _ => (name, false),
        };
        let (_, kind, negated) = OPERATORS
            .iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        // `Null` tests presence itself.
        if matches!(kind, Kind::Null) && (if_exists || quantifier.is_some()) {
            return None;
        }
        Some(Self {
            quantifier,
            kind: *kind,
            negated: *negated,
            if_exists,
        })
    }

    fn test(self, values: &[&str], key: &str, variables: bool) -> Result<Test, Fault> {
        let wrong = |expected| move |value: &str| Fault::Value(value.to_owned(), key.to_owned(), expected);
        Ok(match self.kind {
            Kind::Text { wildcards, case } => {
                let syntax = Syntax { wildcards, variables };
                let patterns = values.iter().map(|value| Pattern::compile(value, syntax));
                Test::Text(patterns.collect::<Result<_, _>>()?, case)
            }
            Kind::Arn => {
                let expected = wrong("an ARN of six parts, arn:partition:service:region:account:resource");
                let arns = values
                    .iter()
                    .map(|value| compile_arn(value, variables)?.ok_or_else(|| expected(value)));
                Test::Arn(arns.collect::<Result<_, _>>()?)
            }
            Kind::Number(comparison) => {
                Test::Number(comparison, all(values, value::number, wrong("a number"))?)
            }
            Kind::Date(comparison) => Test::Date(
                comparison,
                all(
                    values,
                    value::date,
                    wrong("a date like 2027-01-31 or 2027-01-31T12:00:00Z, nor seconds since 1970"),
                )?,
            ),
            Kind::Bool => Test::Bool(all(values, value::boolean, wrong("true or false"))?),
            Kind::Null => Test::Null(all(values, value::boolean, wrong("true or false"))?),
            Kind::Binary => Test::Binary(all(values, value::binary, wrong("base64"))?),
            Kind::Address => Test::Address(all(values, value::network, |value: &str| {
                Fault::Address(value.to_owned())
            })?),
        })
    }
}

/// Parses all values.
fn all<T>(
    values: &[&str],
    read: impl Fn(&str) -> Option<T>,
    wrong: impl Fn(&str) -> Fault,
) -> Result<Vec<T>, Fault> {
    values
        .iter()
        .map(|value| read(value).ok_or_else(|| wrong(value)))
        .collect()
}

/// Compiles the parts of an ARN; `None` if parts are missing.
fn compile_arn(text: &str, variables: bool) -> Result<Option<Vec<Pattern>>, Fault> {
    let syntax = Syntax {
        wildcards: true,
        variables,
    };
    let parts = split_arn(text, variables)
        .into_iter()
        .map(|part| Pattern::compile(part, syntax))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((parts.len() == ARN_PARTS).then_some(parts))
}

/// Returns whether a text looks like a condition key. Existence is not checked: some keys belong to other services.
fn is_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
        !service.is_empty() && service.bytes().all(letter) && !name.trim().is_empty()
    })
}
