//! The policy of a form: what its author allows to be uploaded with it.

use crate::form::fields::{Fields, File};
use crate::request::sse;
use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt as _;
use futures::stream;
use s3s::dto::{Timestamp, TimestampFormat};
use serde_json::Value;
use strongroom_engine::BodyError;
use strongroom_engine::model::limits::MAX_BYTES;
use time::OffsetDateTime;

/// Fields that need no condition.
const FREE: [&str; 3] = ["policy", "x-amz-signature", "file"];

/// Policy of a form.
pub(super) struct FormPolicy {
    expiration: OffsetDateTime,
    conditions: Vec<Condition>,
}

enum Condition {
    Equals(String, String),
    StartsWith(String, String),
    Length(u64, u64),
}

impl Condition {
    /// Returns the name of the field that the condition is about.
    fn name(&self) -> &str {
        match self {
            Self::Equals(name, _) | Self::StartsWith(name, _) => name,
            Self::Length(..) => "content-length-range",
        }
    }
}

/// Limits of the size of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    min: u64,
    max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min: 0,
            max: MAX_BYTES,
        }
    }
}

impl Limits {
    /// Returns the file as a stream that ends with an error if the file is larger or smaller than allowed.
    pub(super) fn watch(self, file: File) -> File {
        stream::unfold(Some((file, 0)), move |state| async move {
            let (mut file, before) = state?;
            match file.next().await {
                Some(Ok(piece)) => {
                    let bytes = before + piece.len() as u64;
                    if bytes > self.max {
                        Some((Err(BodyError::AboveLimit(self.max)), None))
                    } else {
                        Some((Ok(piece), Some((file, bytes))))
                    }
                }
                Some(Err(error)) => Some((Err(error), None)),
                None if before < self.min => Some((Err(BodyError::BelowLimit(self.min)), None)),
                None => None,
            }
        })
        .boxed()
    }
}

fn invalid(why: &str) -> ErrorResponse {
    ErrorResponse::coded(
        400,
        "InvalidPolicyDocument",
        "The content of the form does not meet the conditions specified in the policy document.",
    )
    .with("Hint", format!("Invalid Policy: {why}"))
}

fn against(why: &str) -> ErrorResponse {
    ErrorResponse::access_denied(format!("Invalid according to Policy: {why}"))
}

impl FormPolicy {
    /// Parses a policy from the form's field, base64 of JSON.
    ///
    /// # Errors
    /// `InvalidPolicyDocument`.
    pub(super) fn read(text: &str) -> Result<Self, ErrorResponse> {
        let json = BASE64_STANDARD
            .decode(text)
            .map_err(|_| invalid("it is not base64."))?;
        let policy: Value = serde_json::from_slice(&json).map_err(|_| invalid("Invalid JSON."))?;
        let expiration = policy["expiration"]
            .as_str()
            .ok_or_else(|| invalid("Policy missing expiration."))?;
        let expiration = Some(expiration)
            .filter(|expiration| expiration.ends_with('Z'))
            .and_then(|expiration| Timestamp::parse(TimestampFormat::DateTime, expiration).ok())
            .ok_or_else(|| invalid("Invalid 'expiration' value."))?;
        let conditions = policy["conditions"]
            .as_array()
            .ok_or_else(|| invalid("Policy missing conditions."))?;
        let mut read = Vec::new();
        for condition in conditions {
            read.extend(read_condition(condition).ok_or_else(|| {
                invalid("a condition is {\"field\": \"value\"}, [\"eq\", \"$field\", \"value\"], \
                         [\"starts-with\", \"$field\", \"value\"] or [\"content-length-range\", least, most].")
            })?);
        }
        Ok(Self {
            expiration: expiration.into(),
            conditions: read,
        })
    }

    /// Checks a form for an object of this bucket and key.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(super) fn judge(&self, bucket: &str, key: &str, fields: &Fields) -> Result<Limits, ErrorResponse> {
        if self.expiration <= OffsetDateTime::now_utc() {
            return Err(against("Policy expired."));
        }
        let value = |name: &str| match name {
            "bucket" => bucket,
            "key" => key,
            other => fields.get(other).unwrap_or_default(),
        };
        let mut limits = Limits::default();
        for condition in &self.conditions {
            let (holds, shown) = match condition {
                Condition::Equals(name, wanted) => (
                    value(name) == wanted,
                    format!("[\"eq\", \"${name}\", \"{wanted}\"]"),
                ),
                Condition::StartsWith(name, start) => (
                    starts_with(name, value(name), start),
                    format!("[\"starts-with\", \"${name}\", \"{start}\"]"),
                ),
                Condition::Length(min, max) => {
                    limits.min = limits.min.max(*min);
                    limits.max = limits.max.min(*max);
                    (true, String::new())
                }
            };
            if !holds {
                let name = condition.name();
                if sse::is_about_customer_key(name) {
                    return Err(against(&format!("Policy Condition failed: ${name}")));
                }
                return Err(against(&format!("Policy Condition failed: {shown}")));
            }
        }
        let named = |name: &str| {
            self.conditions.iter().any(|condition| match condition {
                Condition::Equals(known, _) | Condition::StartsWith(known, _) => known == name,
                Condition::Length(..) => false,
            })
        };
        if !named("bucket") {
            return Err(against(
                "Policy Condition failed: the policy has no condition for the bucket",
            ));
        }
        let extra: Vec<&str> = fields
            .names()
            .filter(|name| !(FREE.contains(name) || name.starts_with("x-ignore-") || named(name)))
            .collect();
        if extra.is_empty() {
            Ok(limits)
        } else {
            Err(against(&format!("Extra input fields: {}", extra.join(", "))))
        }
    }
}

/// Returns whether the value of a field begins with `start`. A content type with commas is a list, whose values must all
/// do so.
fn starts_with(name: &str, value: &str, start: &str) -> bool {
    if name == "content-type" {
        value
            .split(',')
            .all(|value| value.trim_start().starts_with(start))
    } else {
        value.starts_with(start)
    }
}

fn read_condition(condition: &Value) -> Option<Vec<Condition>> {
    if let Some(pairs) = condition.as_object() {
        if pairs.len() != 1 {
            return None;
        }
        let pairs = pairs.iter().map(|(name, value)| {
            Some(Condition::Equals(
                name.to_ascii_lowercase(),
                value.as_str()?.to_owned(),
            ))
        });
        return pairs.collect();
    }
    let [operator, first, second] = condition.as_array()?.as_slice() else {
        return None;
    };
    let operator = operator.as_str()?.to_ascii_lowercase();
    if operator == "content-length-range" {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        return Some(vec![Condition::Length(number(first)?, number(second)?)]);
    }
    let name = first.as_str()?.strip_prefix('$')?.to_ascii_lowercase();
    let value = second.as_str()?.to_owned();
    match operator.as_str() {
        "eq" => Some(vec![Condition::Equals(name, value)]),
        "starts-with" => Some(vec![Condition::StartsWith(name, value)]),
        _ => None,
    }
}
