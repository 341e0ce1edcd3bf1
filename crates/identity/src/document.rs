//! Policy documents: checks when they are stored, and their evaluated form.

use crate::error::{IdentityError, Result};
use crate::limits::MAX_DOCUMENT;
use std::sync::Arc;
use strongroom_access::policy::{Policy, PolicyKind};

/// Checks a document that is to be stored.
///
/// # Errors
/// [`IdentityError::MalformedPolicyDocument`].
pub(crate) fn check(text: &str, kind: PolicyKind<'_>) -> Result<()> {
    if text.len() > MAX_DOCUMENT {
        return Err(IdentityError::MalformedPolicyDocument(format!(
            "The policy has {} bytes; the maximum is {MAX_DOCUMENT}.",
            text.len()
        )));
    }
    parse(text, kind).map(drop)
}

/// Parses a document.
///
/// # Errors
/// [`IdentityError::MalformedPolicyDocument`].
pub(crate) fn parse(text: &str, kind: PolicyKind<'_>) -> Result<Arc<Policy>> {
    match Policy::parse_as(text, kind) {
        Ok(policy) => Ok(Arc::new(policy)),
        Err(error) => Err(IdentityError::MalformedPolicyDocument(error.to_string())),
    }
}

/// Parses a document that was stored.
///
/// # Errors
/// [`IdentityError::Rows`]: a part of the policy may deny something, so none of it is ignored.
pub(crate) fn parse_stored(text: &str, kind: PolicyKind<'_>, name: &str) -> Result<Arc<Policy>> {
    Policy::parse_as(text, kind).map(Arc::new).map_err(|error| {
        strongroom_rows::Error::Damaged(format!("the stored policy {name} is not valid: {error}")).into()
    })
}

/// Returns the number of characters of a document without white space, which the quotas of inline policies count.
pub(crate) fn size(text: &str) -> u32 {
    let count = text.chars().filter(|letter| !letter.is_whitespace()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Checks a description: up to 1000 characters.
///
/// # Errors
/// [`IdentityError::InvalidInput`].
pub(crate) fn check_description(description: Option<&str>) -> Result<()> {
    match description {
        Some(text) if text.chars().count() > 1000 || text.chars().any(is_forbidden) => {
            Err(IdentityError::InvalidInput(
                "The description is not valid: up to 1000 printable characters.".to_owned(),
            ))
        }
        _ => Ok(()),
    }
}

fn is_forbidden(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r')
}
