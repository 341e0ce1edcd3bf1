//! Time at which an object expires, for responses.

use crate::engine::Engine;
use crate::model::settings::lifecycle::LifecycleRule;
use crate::model::tags::Tags;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::VersionSummary;
use crate::version::due::{Properties, end_of_life, matches};

/// Expiration of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Time of the expiration, in microseconds since 1970.
    pub at: u64,
    /// Name of the rule that expires the object.
    pub rule: String,
}

impl Expiry {
    /// Returns the expiration of an object created at `modified` (microseconds since 1970), by the
    /// rule that expires it first. A day has `day` microseconds.
    pub(crate) fn of(
        rules: &[LifecycleRule],
        day: u64,
        object: &str,
        properties: Properties<'_>,
        modified: u64,
    ) -> Option<Self> {
        let in_force = rules
            .iter()
            .filter(|rule| rule.enabled && matches(&rule.filter, object, Some(properties)));
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

    /// Returns the expiration of an object, by its size, age and tags.
    pub(crate) fn expiry(
        &self,
        bucket: &Bucket,
        object: &str,
        summary: &VersionSummary,
        tags: &Tags,
    ) -> Option<Expiry> {
        let rules = &bucket.settings.lifecycle;
        let properties = Properties {
            length: summary.length,
            tags,
        };
        Expiry::of(rules, self.micros_of_day(), object, properties, summary.modified)
    }
}
