//! Tags of buckets, of objects, and in the filters of lifecycle rules.

use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// Maximum number of tags of a bucket.
pub const MAX_BUCKET_TAGS: usize = 50;
/// Maximum number of tags of an object.
pub const MAX_OBJECT_TAGS: usize = 10;
/// Maximum length of a tag's key, in UTF-16 units, as S3 counts.
const MAX_KEY: usize = 128;
/// Maximum length of a tag's value, in UTF-16 units.
const MAX_VALUE: usize = 256;

/// Tags that conform to the rules of S3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Tags(#[n(0)] BTreeMap<String, String>);

/// Violation of S3's rules for tags.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// There are more tags than this maximum.
    #[error("at most {0} tags are allowed")]
    TooMany(usize),
    /// Two tags have this key.
    #[error("two tags have the key {0:?}")]
    Twice(String),
    /// The key is empty, too long, or contains characters that are not allowed.
    #[error("{0:?} is not a valid tag key")]
    Key(String),
    /// The value of this key is too long, or contains characters that are not allowed.
    #[error("the value of {0:?} is not a valid tag value")]
    Value(String),
    /// Keys that begin with `aws:` are reserved for the system.
    #[error("the tag key {0:?} is reserved for the system")]
    Reserved(String),
}

impl Tags {
    /// Validates tags, of which there may be at most `most`.
    ///
    /// # Errors
    /// Returns the first violation.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>, most: usize) -> Result<Self, TagError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            if key
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
            {
                return Err(TagError::Reserved(key));
            }
            if key.is_empty() || !is_text(&key, MAX_KEY) {
                return Err(TagError::Key(key));
            }
            if !is_text(&value, MAX_VALUE) {
                return Err(TagError::Value(key));
            }
            if tags.contains_key(&key) {
                return Err(TagError::Twice(key));
            }
            tags.insert(key, value);
        }
        if tags.len() > most {
            return Err(TagError::TooMany(most));
        }
        Ok(Self(tags))
    }

    /// Returns whether there are no tags.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of tags.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Iterates over the tags, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// Returns whether `text` consists of letters, digits and spaces of any script and a few signs
/// (<https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>).
fn is_text(text: &str, most: usize) -> bool {
    let allowed =
        |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
    text.encode_utf16().count() <= most && text.chars().all(allowed)
}
