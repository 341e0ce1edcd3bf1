//! Cache of parsed bucket policies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::Policy;
use strongroom_engine::model::settings::BucketSettings;

/// Maximum number of cached policies. A full cache is cleared.
const MAX_POLICIES: usize = 1024;

/// A stored policy cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// A parsed policy, under the name that decisions show.
pub(crate) type ParsedPolicy = Result<NamedPolicy, Unreadable>;

/// Name of every bucket's policy in decisions.
const NAME: &str = "the bucket policy";

/// Parsed policies by bucket name. An entry is valid as long as the bucket has the settings that it was parsed from.
#[derive(Default)]
pub(crate) struct Policies(Mutex<HashMap<String, (Arc<BucketSettings>, ParsedPolicy)>>);

/// Returns the policy of a bucket with its name.
pub(crate) fn named(policy: Policy) -> NamedPolicy {
    NamedPolicy {
        name: NAME.into(),
        policy: Arc::new(policy),
    }
}

impl Policies {
    /// Returns the policy of a bucket. `None`: the bucket has no policy.
    pub(crate) fn of(&self, bucket: &str, settings: &Arc<BucketSettings>) -> Option<ParsedPolicy> {
        let text = settings.policy.as_deref()?;
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((parsed_from, policy)) = cached.get(bucket)
            && Arc::ptr_eq(parsed_from, settings)
        {
            return Some(policy.clone());
        }
        let policy = Policy::parse(text, bucket).map(named).map_err(|error| {
            tracing::error!(bucket, %error, "the stored policy cannot be read; all access to the bucket is denied until the policy is replaced");
            Unreadable
        });
        if cached.len() >= MAX_POLICIES {
            cached.clear();
        }
        cached.insert(bucket.to_owned(), (Arc::clone(settings), policy.clone()));
        Some(policy)
    }
}
