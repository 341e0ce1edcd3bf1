//! Parameters of a request: names and values of a form or query, each name once.
//! (IAM User Guide, "Calling the IAM API using HTTP query requests".)

use crate::error::{ApiError, Result};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;
mod values;

/// Maximum number of parameters. The longest lists are those of simulations.
const MAX_PARAMETERS: usize = 10_000;

/// Maximum length of a value in characters, policy documents and tokens excepted: that of an ARN. Values are in error messages and
/// records.
const MAX_VALUE: usize = 2048;

/// Parameters of all actions.
const OF_ALL: [&str; 2] = ["Action", "Version"];

/// Parameters of a request. May contain a password, so it has no `Debug`.
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Parses the text of a form, or of a query. Names for which `is_foreign` returns true are left out.
    ///
    /// # Errors
    /// `MalformedQueryString` for a text that is not a form, and if a name comes twice.
    pub(crate) fn parse(text: &str, is_foreign: impl Fn(&str) -> bool) -> Result<Self> {
        let mut all = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if is_foreign(&name) {
                continue;
            }
            if all.len() == MAX_PARAMETERS {
                return Err(malformed("there are too many parameters"));
            }
            if all.insert(name, value).is_some() {
                return Err(malformed("a parameter comes twice"));
            }
        }
        Ok(Self(all))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the value of a parameter that must be there.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn require(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| ApiError::missing(name))
    }

    /// Returns the elements of a list, in the order of their numbers: the parameters `name.member.1` and so on.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.members(name, "")
    }

    /// Returns one field of each structure in a list: the parameters `name.member.1.field` and so on.
    pub(crate) fn fields(&self, name: &str, field: &str) -> Vec<&str> {
        self.members(name, &[".", field].concat())
    }

    fn members(&self, name: &str, rest: &str) -> Vec<&str> {
        let member = |number: usize| self.get(&format!("{name}.member.{number}{rest}"));
        (1..).map_while(member).collect()
    }

    /// Refuses parameters that an action does not have. `known` are their names; numbers in lists are written as `N`.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn check(&self, action: &str, known: &[&str]) -> Result<()> {
        for (name, value) in &self.0 {
            if OF_ALL.contains(&name.as_str()) {
                continue;
            }
            let pattern = pattern(name);
            let is_empty_list = || {
                let prefix = [name, ".member."].concat();
                value.is_empty() && known.iter().any(|known| known.starts_with(&prefix))
            };
            if !known.contains(&pattern.as_str()) && !is_empty_list() {
                return Err(ApiError::validation(format!(
                    "The parameter {name} of {action} is not offered here."
                )));
            }
            if !is_document(&pattern) && value.chars().count() > MAX_VALUE {
                return Err(ApiError::validation(format!(
                    "The value of {name} is too long: the maximum is {MAX_VALUE} characters."
                )));
            }
            self.check_number(name)?;
        }
        Ok(())
    }

    /// Refuses an element of a list whose predecessor is missing: the list would end before it.
    fn check_number(&self, name: &str) -> Result<()> {
        for (at, _) in name.match_indices(".member.") {
            let (list, rest) = name.split_at(at);
            let number = rest.split('.').nth(2).unwrap_or_default();
            let previous = match number.parse::<usize>() {
                Ok(1) if number == "1" => continue,
                Ok(number @ 2..) if !rest.starts_with(".member.0") => number - 1,
                _ => return Err(ApiError::validation(format!("{name} has no valid number."))),
            };
            let before = format!("{list}.member.{previous}");
            let after = self.0.range(before.clone()..).next();
            let is_there = after.is_some_and(|(name, _)| {
                let rest = name.strip_prefix(&before);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            if !is_there {
                return Err(ApiError::validation(format!(
                    "{before} is missing before {name}."
                )));
            }
        }
        Ok(())
    }
}

/// Returns whether a parameter is a policy document or a token, whose length other rules limit.
fn is_document(pattern: &str) -> bool {
    let is_named = |end: &str| pattern.ends_with(end);
    [
        "PolicyDocument",
        "Policy",
        "PolicyInputList.member.N",
        "WebIdentityToken",
    ]
    .into_iter()
    .any(is_named)
}

/// Returns a name with `N` in place of each number.
fn pattern(name: &str) -> String {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = name
        .split('.')
        .map(|part| if is_number(part) { "N" } else { part })
        .collect();
    parts.join(".")
}

fn malformed(why: &str) -> ApiError {
    ApiError::new(
        400,
        "MalformedQueryString",
        format!("The query string or form cannot be read: {why}."),
    )
}

fn decode(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    match decoded {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(malformed("it is not UTF-8")),
    }
}
