//! Determines which versions and uploads are due by the rules. Pure.
//!
//! Days count from the creation of a version, or from when it became noncurrent, and end at the following midnight
//! (UTC), as on AWS (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>).

use crate::model::settings::lifecycle::{Expiration, LifecycleFilter, LifecycleRule};
use crate::model::tags::Tags;
use crate::rows::record::VersionRecord;

/// Rules, evaluated at a point in time.
pub(crate) struct Due<'a> {
    /// Current time, in microseconds since 1970.
    pub(crate) now: u64,
    /// Microseconds of a day; tests shorten it.
    pub(crate) day: u64,
    pub(crate) rules: &'a [&'a LifecycleRule],
}

/// Noncurrent version that is due.
#[derive(Clone, Copy)]
pub(crate) struct Noncurrent {
    pub(crate) version: [u8; 16],
    /// Time at which the version became noncurrent.
    since: u64,
    /// Rank among the noncurrent versions; the newest has 1.
    rank: u32,
}

/// Versions of one key, read newest first.
pub(crate) struct VersionsOfKey {
    pub(crate) object: String,
    /// Newest version, if it is an object and has expired.
    pub(crate) expired: Option<[u8; 16]>,
    /// Noncurrent versions that are due.
    pub(crate) noncurrent: Vec<Noncurrent>,
    /// Newest version, if it is a delete marker, and its creation time.
    marker: Option<([u8; 16], u64)>,
    /// Creation time of the version read last. The next older version is noncurrent since then.
    succeeded: Option<u64>,
    /// Number of noncurrent versions read.
    older: u32,
}

impl VersionsOfKey {
    pub(crate) fn new(object: String) -> Self {
        Self {
            object,
            expired: None,
            noncurrent: Vec::new(),
            marker: None,
            succeeded: None,
            older: 0,
        }
    }

    /// Adds the next older version.
    pub(crate) fn push(&mut self, due: &Due<'_>, record: &VersionRecord) {
        let summary = &record.summary;
        match self.succeeded {
            None if record.content.is_none() => self.marker = Some((summary.version, summary.modified)),
            None => {
                if due.expired(&self.object, record) {
                    self.expired = Some(summary.version);
                }
            }
            Some(since) => {
                self.older += 1;
                if due.noncurrent(&self.object, record, since, self.older) {
                    self.noncurrent.push(Noncurrent {
                        version: summary.version,
                        since,
                        rank: self.older,
                    });
                }
            }
        }
        self.succeeded = Some(summary.modified);
    }
}

impl Due<'_> {
    /// Returns the midnight that ends a period of `days` from `since` on.
    fn end_of(&self, since: u64, days: u32) -> u64 {
        end_of(self.day, since, days)
    }

    pub(crate) fn expired(&self, object: &str, record: &VersionRecord) -> bool {
        let summary = &record.summary;
        let matching = self
            .rules
            .iter()
            .filter(|rule| matches(&rule.filter, object, Some(Properties::of(record))));
        matching
            .filter_map(|rule| end_of_life(rule, self.day, summary.modified))
            .any(|end| end <= self.now)
    }

    /// Returns whether a version that was due is still due.
    pub(crate) fn still(&self, object: &str, version: Noncurrent, record: &VersionRecord) -> bool {
        self.noncurrent(object, record, version.since, version.rank)
    }

    /// Returns whether a noncurrent version is due. `rank` is 1 for the newest of the noncurrent versions.
    fn noncurrent(&self, object: &str, record: &VersionRecord, since: u64, rank: u32) -> bool {
        let of_object = record.content.as_ref().map(|_| Properties::of(record));
        self.rules.iter().any(|rule| {
            rule.noncurrent.is_some_and(|noncurrent| {
                matches(&rule.filter, object, of_object)
                    && rank > noncurrent.keep.unwrap_or(0)
                    && self.end_of(since, noncurrent.days) <= self.now
            })
        })
    }

    /// Returns the key's delete marker if it is the only version, or will be after the due noncurrent versions are
    /// deleted, and a rule allows its deletion.
    pub(crate) fn lonely_marker(&self, versions: &VersionsOfKey) -> Option<[u8; 16]> {
        let (marker, made) = versions.marker?;
        let left = usize::try_from(versions.older).ok()? - versions.noncurrent.len();
        let goes = |rule: &&&LifecycleRule| {
            matches(&rule.filter, &versions.object, None)
                && match rule.expiration {
                    Some(Expiration::DeleteMarkers(go)) => go,
                    Some(_) => end_of_life(rule, self.day, made).is_some_and(|end| end <= self.now),
                    None => false,
                }
        };
        (left == 0 && self.rules.iter().any(|rule| goes(&rule))).then_some(marker)
    }

    pub(crate) fn upload(&self, object: &str, begun: u64) -> bool {
        self.rules.iter().any(|rule| {
            rule.abort_uploads_after.is_some_and(|days| {
                matches(&rule.filter, object, None) && self.end_of(begun, days) <= self.now
            })
        })
    }
}

/// Returns the time at which a rule expires an object that was created at `made`.
pub(crate) fn end_of_life(rule: &LifecycleRule, day: u64, made: u64) -> Option<u64> {
    match rule.expiration? {
        Expiration::Days(days) => Some(end_of(day, made, days)),
        Expiration::Date(date) => Some(u64::try_from(date).unwrap_or(0).saturating_mul(1_000_000)),
        Expiration::DeleteMarkers(_) => None,
    }
}

fn end_of(day: u64, since: u64, days: u32) -> u64 {
    since
        .saturating_add(day.saturating_mul(u64::from(days)))
        .div_ceil(day)
        .saturating_mul(day)
}

/// Properties of an object that filters refer to.
#[derive(Clone, Copy)]
pub(crate) struct Properties<'a> {
    /// Plaintext bytes.
    pub(crate) length: u64,
    pub(crate) tags: &'a Tags,
}

impl<'a> Properties<'a> {
    fn of(record: &'a VersionRecord) -> Self {
        Self {
            length: record.summary.length,
            tags: &record.tags,
        }
    }
}

/// Returns whether a filter matches a key whose object has this length and these tags. `None`: a delete marker or an
/// upload, which has neither; filters on length or tags do not match it.
pub(crate) fn matches(filter: &LifecycleFilter, object: &str, properties: Option<Properties<'_>>) -> bool {
    if filter
        .prefix
        .as_ref()
        .is_some_and(|prefix| !object.starts_with(prefix))
    {
        return false;
    }
    let Some(Properties { length, tags }) = properties else {
        return filter.tags.is_empty() && filter.larger_than.is_none() && filter.smaller_than.is_none();
    };
    filter
        .tags
        .iter()
        .all(|(key, value)| tags.get(key) == Some(value))
        && filter.larger_than.is_none_or(|bytes| length > bytes)
        && filter.smaller_than.is_none_or(|bytes| length < bytes)
}
