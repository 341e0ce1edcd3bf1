//! Tags of users, roles, policies and identity providers.

use crate::error::{IdentityError, Limit, Result};
use crate::limits::MAX_TAGS;
use minicbor::{Decode, Encode};

#[cfg(test)]
mod tests;

/// Tags, sorted by key. Keys keep their case, but no two differ in case alone. (IAM User Guide, "Tags for AWS Identity
/// and Access Management resources".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Tags(#[n(0)] Vec<Tag>);

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Tag {
    /// Key: 1 to 128 characters.
    #[n(0)]
    pub key: String,
    /// Value: up to 256 characters.
    #[n(1)]
    pub value: String,
}

impl Tags {
    /// Creates tags from keys and values.
    ///
    /// # Errors
    /// [`IdentityError::InvalidInput`] if a key or value is not valid or a key comes twice;
    /// [`IdentityError::LimitExceeded`] for more than 50 tags.
    pub fn new(tags: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut all = Self::default();
        for (key, value) in tags {
            if all.get(&key).is_some() {
                return Err(IdentityError::InvalidInput(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned(),
                ));
            }
            all.set(key, value)?;
        }
        Ok(all)
    }

    /// Returns the value of a tag; keys are compared without case.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|tag| tag.key.eq_ignore_ascii_case(key));
        found.map(|tag| tag.value.as_str())
    }

    /// Iterates over the tags in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
    }

    /// Returns the number of tags.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no tags.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds tags, and replaces those of the same keys.
    ///
    /// # Errors
    /// Those of [`Tags::new`].
    pub fn merge(&mut self, new: &Self) -> Result<()> {
        new.0
            .iter()
            .try_for_each(|tag| self.set(tag.key.clone(), tag.value.clone()))
    }

    /// Removes the tags of these keys; other keys have no effect.
    pub fn remove(&mut self, keys: &[String]) {
        self.0
            .retain(|tag| !keys.iter().any(|key| tag.key.eq_ignore_ascii_case(key)));
    }

    fn set(&mut self, key: String, value: String) -> Result<()> {
        let length = key.chars().count();
        if !(1..=128).contains(&length) || !key.chars().all(is_valid) || has_prefix_of_aws(&key) {
            return Err(IdentityError::InvalidInput(format!(
                "{key:?} is not a valid tag key: 1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:"
            )));
        }
        if value.chars().count() > 256 || !value.chars().all(is_valid) {
            return Err(IdentityError::InvalidInput(format!(
                "The value of tag {key} is not valid: up to 256 letters, digits, spaces and _.:/=+-@"
            )));
        }
        self.0.retain(|tag| !tag.key.eq_ignore_ascii_case(&key));
        if self.0.len() == MAX_TAGS {
            return Err(Limit::Quota("TagsPerResource", MAX_TAGS).into());
        }
        let at = self.0.partition_point(|tag| tag.key < key);
        self.0.insert(at, Tag { key, value });
        Ok(())
    }
}

fn is_valid(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter)
}

fn has_prefix_of_aws(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}
