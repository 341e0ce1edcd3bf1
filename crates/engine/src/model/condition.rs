//! Conditions and ranges of requests (RFC 9110 sections 13 and 14). Pure.

use crate::model::error::{Error, Result};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Value of an `If-Match` or `If-None-Match` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EtagCondition {
    /// `*`
    Any,
    /// One of these `ETag`s, without quotes.
    OneOf(Vec<String>),
}

impl EtagCondition {
    fn matches(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(etags) => etags.iter().any(|e| e == etag),
        }
    }
}

/// Conditions of a read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadConditions {
    /// `If-Match`.
    pub if_match: Option<EtagCondition>,
    /// `If-None-Match`.
    pub if_none_match: Option<EtagCondition>,
    /// `If-Modified-Since`, in seconds since 1970.
    pub if_modified_since: Option<i64>,
    /// `If-Unmodified-Since`, in seconds since 1970.
    pub if_unmodified_since: Option<i64>,
    /// `If-Range`.
    pub if_range: Option<RangeCondition>,
}

/// Value of an `If-Range` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeCondition {
    /// `ETag` that the object must have, without quotes.
    Etag(String),
    /// Time at which the object must have been last modified, in seconds since 1970.
    Modified(i64),
    /// A value that matches no object: a weak `ETag`, or neither `ETag` nor date.
    Never,
}

impl ReadConditions {
    /// Returns whether a range of an object with this `etag`, last modified at `modified` (microseconds since 1970), may
    /// be returned (RFC 9110 section 13.1.5). If not, the client gets the whole object.
    pub fn admits_range(&self, etag: &str, modified: u64) -> bool {
        match &self.if_range {
            None => true,
            Some(RangeCondition::Etag(wanted)) => wanted == etag,
            Some(RangeCondition::Modified(wanted)) => u64::try_from(*wanted) == Ok(modified / 1_000_000),
            Some(RangeCondition::Never) => false,
        }
    }

    /// Evaluates the conditions for an object with this `etag`, last modified at `modified` (microseconds since 1970),
    /// in the order of RFC 9110 section 13.2.2.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], [`Error::NotModified`].
    pub fn judge(&self, etag: &str, modified: u64) -> Result<()> {
        let seconds = i64::try_from(modified / 1_000_000).unwrap_or(i64::MAX);
        match (&self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) if !wanted.matches(etag) => return Err(Error::PreconditionFailed("If-Match")),
            (None, Some(since)) if seconds > since => {
                return Err(Error::PreconditionFailed("If-Unmodified-Since"));
            }
            _ => {}
        }
        let known = match (&self.if_none_match, self.if_modified_since) {
            (Some(known), _) => known.matches(etag),
            (None, Some(since)) => seconds <= since,
            (None, None) => false,
        };
        if known {
            Err(Error::NotModified {
                etag: etag.to_owned(),
                modified,
            })
        } else {
            Ok(())
        }
    }
}

/// Conditions of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteConditions {
    /// `If-Match`: the object must exist and have this `ETag`.
    pub if_match: Option<EtagCondition>,
    /// `If-None-Match: *`: the object must not exist.
    pub must_be_new: bool,
}

impl WriteConditions {
    /// Evaluates the conditions for a key whose object has this `etag`. `None`: the key has no object.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`]; [`Error::NoSuchKey`] for If-Match on a key without an object, as AWS responds.
    pub fn judge(&self, key: &str, etag: Option<&str>) -> Result<()> {
        if self.must_be_new && etag.is_some() {
            return Err(Error::PreconditionFailed("If-None-Match"));
        }
        match (&self.if_match, etag) {
            (Some(_), None) => Err(Error::NoSuchKey(key.to_owned())),
            (Some(wanted), Some(etag)) if !wanted.matches(etag) => Err(Error::PreconditionFailed("If-Match")),
            _ => Ok(()),
        }
    }
}

/// Conditions of a delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteConditions {
    /// `If-Match`: the object must exist and have this `ETag`.
    pub if_match: Option<EtagCondition>,
    /// Time at which the object must have been last modified, in seconds since 1970.
    pub modified: Option<i64>,
    /// Number of plaintext bytes that the object must have.
    pub length: Option<u64>,
}

/// State of the object that the conditions of a delete are compared with.
#[derive(Clone, Copy)]
pub(crate) struct ObjectState<'a> {
    /// `ETag`, without quotes.
    pub(crate) etag: &'a str,
    /// Microseconds since 1970.
    pub(crate) modified: u64,
    /// Plaintext bytes.
    pub(crate) length: u64,
}

impl DeleteConditions {
    /// Fails if there is a condition: none holds for a delete marker.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`].
    pub(crate) fn expect_none(&self) -> Result<()> {
        let failed = |condition| Err(Error::PreconditionFailed(condition));
        if self.if_match.is_some() {
            failed("If-Match")
        } else if self.modified.is_some() {
            failed("x-amz-if-match-last-modified-time")
        } else if self.length.is_some() {
            failed("x-amz-if-match-size")
        } else {
            Ok(())
        }
    }

    /// Evaluates the conditions for an object. `None`: the key has no object.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`]; [`Error::NoSuchKey`] for a key without an object, as AWS responds.
    pub(crate) fn judge(&self, key: &str, object: Option<ObjectState<'_>>) -> Result<()> {
        let Some(object) = object else {
            return if *self == Self::default() {
                Ok(())
            } else {
                Err(Error::NoSuchKey(key.to_owned()))
            };
        };
        let seconds = i64::try_from(object.modified / 1_000_000).unwrap_or(i64::MAX);
        if self
            .if_match
            .as_ref()
            .is_some_and(|wanted| !wanted.matches(object.etag))
        {
            Err(Error::PreconditionFailed("If-Match"))
        } else if self.modified.is_some_and(|wanted| wanted != seconds) {
            Err(Error::PreconditionFailed("x-amz-if-match-last-modified-time"))
        } else if self.length.is_some_and(|wanted| wanted != object.length) {
            Err(Error::PreconditionFailed("x-amz-if-match-size"))
        } else {
            Ok(())
        }
    }
}

/// Byte range of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// First byte and last byte, both included. Without a last byte: to the end.
    From(u64, Option<u64>),
    /// This many bytes at the end.
    Last(u64),
}

impl ByteRange {
    /// Returns the range within an object of `length` bytes.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] if the object has none of these bytes.
    pub fn within(self, length: u64) -> Result<Range<u64>> {
        let range = match self {
            Self::From(first, last) => first..last.map_or(length, |last| last.saturating_add(1).min(length)),
            Self::Last(count) => length.saturating_sub(count)..length,
        };
        if range.is_empty() {
            Err(Error::InvalidRange(length))
        } else {
            Ok(range)
        }
    }
}
