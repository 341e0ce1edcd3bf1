//! When an object expires, as answers tell it.

use crate::engine::Engine;
use crate::model::settings::lifecycle::LifecycleRule;
use crate::model::tags::Tags;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::Facts;
use crate::version::due::{end_of_life, matches};

/// When an object expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Microseconds since 1970.
    pub at: u64,
    /// The name of the rule that says so.
    pub rule: String,
}

impl Expiry {
    /// When an object expires that has `length` bytes and was made at `modified` (microseconds since 1970), by the
    /// first rule that lets it; a day has `day` microseconds.
    pub(crate) fn of(
        rules: &[LifecycleRule],
        day: u64,
        object: &str,
        (length, tags): (u64, &Tags),
        modified: u64,
    ) -> Option<Self> {
        let in_force = rules
            .iter()
            .filter(|rule| rule.enabled && matches(&rule.filter, object, Some((length, tags))));
        let ends = in_force.filter_map(|rule| {
            Some(Self {
                at: end_of_life(rule, day, modified)?,
                rule: rule.id.clone(),
            })
        });
        ends.min_by_key(|expiry| expiry.at)
    }
}

impl Engine {
    /// Microseconds of a day of lifecycle rules.
    pub(crate) fn micros_of_day(&self) -> u64 {
        u64::try_from(self.lifecycle_day.as_micros())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    /// When an object of a bucket expires, by its facts and tags.
    pub(crate) fn expiry(&self, bucket: &Bucket, object: &str, facts: &Facts, tags: &Tags) -> Option<Expiry> {
        let rules = &bucket.settings.lifecycle;
        Expiry::of(
            rules,
            self.micros_of_day(),
            object,
            (facts.length, tags),
            facts.modified,
        )
    }
}
