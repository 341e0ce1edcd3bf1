//! The action to decide about, and the condition keys of its request.

use crate::identity::Identity;
use strongroom_access::arn::AccountId;
use strongroom_access::policy::{Conditions, key};
use strongroom_engine::VersionName;
use strongroom_engine::model::tags::Tags;

/// An action on a bucket or an object.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequest<'a> {
    /// Action as policies name it, such as `s3:GetObject`.
    pub action: &'a str,
    /// Name of the bucket.
    pub bucket: &'a str,
    /// Key of the object. `None`: the action concerns the bucket itself.
    pub key: Option<&'a str>,
    /// Version of the object. `None`: the current one.
    pub version: Option<VersionName>,
    /// Relation of the action to what there is.
    pub subject: Subject,
}

/// Relation of an action to what there is: it decides whose access control list counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// A bucket, or an object that exists.
    #[default]
    Existing,
    /// An object that the request creates.
    New,
    /// An upload that the account of the caller began.
    OwnUpload,
}

/// Condition keys of a request and their values.
#[derive(Clone, Debug, Default)]
pub struct RequestConditions(Vec<(String, String)>);

impl RequestConditions {
    /// Adds a value of a condition key. A key that is added several times has several values.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Removes all values of these condition keys.
    pub fn remove(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// Adds the version that a request names.
    pub(crate) fn add_version(&mut self, version: VersionName) {
        self.add(key::VERSION_ID, version.to_string());
    }

    /// Adds the tags that the object has now.
    pub(crate) fn add_existing_tags(&mut self, tags: &Tags) {
        for (name, value) in tags.iter() {
            self.add(&format!("{}{name}", key::EXISTING_OBJECT_TAG), value);
        }
    }

    /// Returns the condition context that policies are evaluated with: that of the caller, that of the resource, which
    /// belongs to `owner`, and these.
    pub(crate) fn context<'a>(&'a self, identity: &'a Identity, owner: AccountId) -> Conditions<'a> {
        let mut conditions = Conditions::of(&identity.as_policy_principal());
        if let Some(principal) = identity.known() {
            principal.add_conditions(&mut conditions);
        }
        for name in [key::OWNER_ACCOUNT, key::RESOURCE_ACCOUNT] {
            conditions.add(name, owner.as_str().to_owned());
        }
        for (name, value) in &self.0 {
            conditions.add(name.as_str(), value.as_str());
        }
        conditions
    }
}
