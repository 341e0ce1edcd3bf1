//! Names and paths of entities.

use crate::arn::error::InvalidIdentifier;
use std::fmt;

/// Maximum length of a path in characters.
const MAX_PATH: usize = 512;

/// Name of a user, group, role, policy or session: letters, digits and `_+=,.@-`.
///
/// Names keep their case, but those of an account must differ in more than case: compare [`Name::folded`]. (IAM User
/// Guide, "IAM and AWS STS quotas", "IAM name requirements".)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Parses the name of a user: 1 to 64 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Name`].
    pub fn of_user(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text, 1, 64)
    }

    /// Parses the name of a group: 1 to 128 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Name`].
    pub fn of_group(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text, 1, 128)
    }

    /// Parses the name of a role: 1 to 64 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Name`].
    pub fn of_role(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text, 1, 64)
    }

    /// Parses the name of a managed or inline policy: 1 to 128 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Name`].
    pub fn of_policy(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text, 1, 128)
    }

    /// Parses the name of a role's session: 2 to 64 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Name`].
    pub fn of_session(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text, 2, 64)
    }

    fn parse(text: &str, min: usize, max: usize) -> Result<Self, InvalidIdentifier> {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        if !(min..=max).contains(&text.len()) || !text.bytes().all(is_valid) {
            return Err(InvalidIdentifier::Name(text.to_owned(), min, max));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name in lower case: two names of a kind in an account never have the same.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Path of an entity: `/`, or printable ASCII between two slashes, such as `/staff/berlin/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// Parses the path of a user, group or role: at most 512 characters.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Path`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let within = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let is_valid = match within {
            None => text == "/",
            // AWS's pattern requires a character between the slashes.
            Some(within) => !within.is_empty() && within.bytes().all(|byte| byte.is_ascii_graphic()),
        };
        if text.len() > MAX_PATH || !is_valid {
            return Err(InvalidIdentifier::Path(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Parses the path of a managed policy, whose parts are made of the characters of names.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Path`].
    pub fn of_policy(text: &str) -> Result<Self, InvalidIdentifier> {
        let path = Self::parse(text)?;
        let is_part = |part: &str| Name::parse(part, 1, MAX_PATH).is_ok();
        match text.trim_end_matches('/').strip_prefix('/') {
            Some(parts) if !parts.split('/').all(is_part) || text.ends_with("//") => {
                Err(InvalidIdentifier::Path(text.to_owned()))
            }
            _ => Ok(path),
        }
    }

    /// Returns path and name without the leading slash, as [`User::name`](crate::policy::User::name) and
    /// [`RoleSession::role`](crate::policy::RoleSession::role) have them.
    pub fn with(&self, name: &Name) -> String {
        [self.0.get(1..).unwrap_or_default(), name.as_str()].concat()
    }

    /// Returns the path, with a slash at the beginning and at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Path {
    /// Returns the path `/`.
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
