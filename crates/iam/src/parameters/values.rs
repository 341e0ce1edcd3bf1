//! Values of parameters that many actions have.

use crate::error::{ApiError, Result};
use crate::parameters::Parameters;
use strongroom_access::arn::{InvalidIdentifier, Name, Path};
use strongroom_identity::page::Part;
use strongroom_identity::tags::Tags;

/// Entries of a page if the request says nothing else, and at most. (IAM API Reference, "`MaxItems`".)
const MAX_ITEMS: (usize, usize) = (100, 1000);
/// Maximum length of a marker and of a prefix, in characters.
const MAX_MARKER: usize = 512;

impl Parameters {
    /// Returns the name in a parameter that must be there.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn name(
        &self,
        parameter: &str,
        parse: impl Fn(&str) -> Result<Name, InvalidIdentifier>,
    ) -> Result<Name> {
        parse(self.require(parameter)?).map_err(|error| ApiError::identifier(parameter, &error))
    }

    /// Returns the name in a parameter, if it is there.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn optional_name(
        &self,
        parameter: &str,
        parse: impl Fn(&str) -> Result<Name, InvalidIdentifier>,
    ) -> Result<Option<Name>> {
        let name = self.get(parameter).map(parse).transpose();
        name.map_err(|error| ApiError::identifier(parameter, &error))
    }

    pub(crate) fn user(&self) -> Result<Name> {
        self.name("UserName", Name::of_user)
    }

    pub(crate) fn group(&self) -> Result<Name> {
        self.name("GroupName", Name::of_group)
    }

    pub(crate) fn role(&self) -> Result<Name> {
        self.name("RoleName", Name::of_role)
    }

    pub(crate) fn policy_name(&self) -> Result<Name> {
        self.name("PolicyName", Name::of_policy)
    }

    /// Returns the path in a parameter, if it is there.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn path(&self, parameter: &str) -> Result<Option<Path>> {
        let path = self.get(parameter).map(Path::parse).transpose();
        path.map_err(|error| ApiError::identifier(parameter, &error))
    }

    /// Returns the part of a listing that the request asks for.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn part(&self) -> Result<Part<'_>> {
        let (default, max) = MAX_ITEMS;
        let limit = match self.get("MaxItems") {
            None => default,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=max).contains(&limit) => limit,
                _ => {
                    let constraint = format!("Member must be between 1 and {max}");
                    return Err(ApiError::value("MaxItems", text, &constraint));
                }
            },
        };
        let after = self.get("Marker").unwrap_or_default();
        if after.chars().count() > MAX_MARKER {
            return Err(ApiError::validation("The Marker is not one of a listing."));
        }
        let path_prefix = self.get("PathPrefix").unwrap_or_default();
        if path_prefix.len() > MAX_MARKER || !(path_prefix.is_empty() || path_prefix.starts_with('/')) {
            return Err(ApiError::validation(
                "The specified value for pathPrefix is invalid. It must begin with /.",
            ));
        }
        Ok(Part {
            path_prefix,
            after,
            limit,
        })
    }

    /// Returns the tags in the parameter `Tags`.
    ///
    /// # Errors
    /// `ValidationError`, `InvalidInput`, `LimitExceeded`.
    pub(crate) fn tags(&self) -> Result<Tags> {
        let keys = self.fields("Tags", "Key");
        let values = self.fields("Tags", "Value");
        // Each element has a field, so one that lacks the other shortens its list.
        if keys.len() != values.len() {
            return Err(ApiError::missing("Tags.member.value"));
        }
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Ok(Tags::new(keys.into_iter().zip(values).map(owned))?)
    }

    /// Returns a number.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn number(&self, parameter: &str) -> Result<Option<u32>> {
        let parse = |text: &str| {
            let number = text.parse();
            number.map_err(|_| ApiError::value(parameter, text, "Member must be a number"))
        };
        self.get(parameter).map(parse).transpose()
    }

    /// Returns a truth value, `false` by default.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn flag(&self, parameter: &str) -> Result<bool> {
        match self.get(parameter) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(ApiError::value(parameter, text, "Member must be true or false")),
        }
    }

    /// Refuses a value that is not one of several.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn one_of<T: Copy>(&self, parameter: &str, values: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.get(parameter) else {
            return Ok(None);
        };
        if let Some((_, value)) = values.iter().find(|(name, _)| *name == text) {
            return Ok(Some(*value));
        }
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let constraint = format!("Member must satisfy enum value set: [{}]", names.join(", "));
        Err(ApiError::value(parameter, text, &constraint))
    }
}
