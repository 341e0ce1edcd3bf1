//! Replacement of principals in the text of a policy.

use crate::policy::Policy;
use crate::policy::error::{Fault, PolicyError};
use crate::policy::json::Json;
use crate::policy::kind::PolicyKind;
use crate::policy::parse::read;

#[cfg(test)]
mod tests;

/// Replacement of a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The principal stays.
    Keep,
    /// The principal becomes this text.
    With(String),
    /// There is no such principal, and the policy is refused.
    Invalid,
}

impl Policy {
    /// Replaces the principals of a policy's text: those of the kind `AWS` in `Principal` and `NotPrincipal`. Returns the
    /// same text if nothing is replaced, else compact JSON.
    ///
    /// A policy names users and roles by their ARNs, but must not apply to a new user with the name of a deleted one. So
    /// AWS stores unique ids, and shows ARNs again as long as the users exist (IAM User Guide, "AWS JSON policy elements:
    /// Principal", "IAM user principals").
    ///
    /// ```
    /// use strongroom_access::policy::{Policy, PolicyKind, Replacement};
    ///
    /// let text = r#"{"Statement": {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:user/ann"},
    ///     "Action": "s3:*", "Resource": "arn:aws:s3:::photos/*"}}"#;
    /// let stored = Policy::replace_principals(text, PolicyKind::Bucket("photos"), |principal| match principal {
    ///     "arn:aws:iam::123456789012:user/ann" => Replacement::With("AIDAQ3EGPZBA7PQ5ZBQ3A".to_owned()),
    ///     _ => Replacement::Keep,
    /// })?;
    /// assert!(stored.contains(r#""Principal":{"AWS":"AIDAQ3EGPZBA7PQ5ZBQ3A"}"#));
    /// # Ok::<(), strongroom_access::policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// [`Fault::Principal`] for [`Replacement::Invalid`]; [`Fault::Json`] and [`Fault::FirstByte`]. Other faults are left to
    /// [`Policy::parse_as`].
    pub fn replace_principals(
        text: &str,
        kind: PolicyKind<'_>,
        mut replace: impl FnMut(&str) -> Replacement,
    ) -> Result<String, PolicyError> {
        let error = |fault| PolicyError::new(fault, kind.dialect());
        let mut elements = read(text, kind).map_err(error)?;
        let mut is_changed = false;
        for (name, value) in &mut elements {
            let statements = match value {
                _ if name != "Statement" => continue,
                Json::Array(statements) => statements.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for (at, statement) in statements.iter_mut().enumerate() {
                for principal in principals(statement) {
                    match replace(principal) {
                        Replacement::Keep => {}
                        Replacement::With(new) => {
                            *principal = new;
                            is_changed = true;
                        }
                        Replacement::Invalid => {
                            return Err(PolicyError {
                                statement: Some(at + 1),
                                ..error(Fault::Principal(["AWS ", principal].concat()))
                            });
                        }
                    }
                }
            }
        }
        if !is_changed {
            return Ok(text.to_owned());
        }
        Ok(Json::Object(elements).to_string())
    }
}

/// Returns the principals of the kind `AWS` in a statement.
fn principals(statement: &mut Json) -> impl Iterator<Item = &mut String> {
    let elements = entries(statement, &["Principal", "NotPrincipal"]);
    let ids = elements.flat_map(|element| entries(element, &["AWS"]));
    ids.flat_map(|ids| match ids {
        Json::Array(ids) => ids.as_mut_slice(),
        one => std::slice::from_mut(one),
    })
    .filter_map(|id| match id {
        Json::Text(id) => Some(id),
        _ => None,
    })
}

/// Returns the values of an object that have one of these names.
fn entries<'a>(object: &'a mut Json, names: &'a [&str]) -> impl Iterator<Item = &'a mut Json> {
    let entries = match object {
        Json::Object(entries) => entries.as_mut_slice(),
        _ => &mut [],
    };
    entries
        .iter_mut()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(_, value)| value)
}
