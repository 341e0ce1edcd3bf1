//! Managed policies.

use crate::error::Subject;
use crate::limits::MAX_POLICIES;
use crate::model::account::Usage;
use crate::model::entity::{Entity, Tagged};
use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, EntityId, EntityKind, Name, Path};
use strongroom_rows::records;

records! {
    ManagedPolicy = 1, "managed policy";
    Document = 1, "policy document";
}

/// Managed policy: the row `policy/<account>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManagedPolicy {
    /// Path.
    #[cbor(n(0), with = "crate::codec::text")]
    pub path: Path,
    /// Name, unique in the account.
    #[cbor(n(1), with = "crate::codec::text")]
    pub name: Name,
    /// Unique id.
    #[cbor(n(2), with = "crate::codec::text")]
    pub id: EntityId,
    /// Time of creation, in microseconds since 1970.
    #[n(3)]
    pub created: u64,
    /// Time of the last new or default version, in microseconds since 1970.
    #[n(4)]
    pub updated: u64,
    /// Description: up to 1000 characters.
    #[n(5)]
    pub description: Option<String>,
    /// Tags.
    #[n(6)]
    pub tags: Tags,
    /// Versions, oldest first: at most 5. Their documents are rows of their own.
    #[n(7)]
    pub versions: Vec<PolicyVersion>,
    /// Number of the default version.
    #[n(8)]
    pub default: u32,
    /// Number of the next version. Numbers are not used again.
    #[n(9)]
    pub next: u32,
    /// Number of users, groups and roles that the policy is attached to.
    #[n(10)]
    pub attachments: u32,
    /// Number of users and roles that the policy is the boundary of.
    #[n(11)]
    pub boundaries: u32,
}

/// Version of a managed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PolicyVersion {
    /// Number: 1 is named `v1`.
    #[n(0)]
    pub number: u32,
    /// Time of creation, in microseconds since 1970.
    #[n(1)]
    pub created: u64,
}

/// Document of an inline policy, or of a version of a managed policy: the rows `document/<id>/<name>` and
/// `document/<id>/v<number>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct Document {
    /// Text as it was sent.
    #[n(0)]
    pub(crate) text: String,
}

impl Entity for ManagedPolicy {
    const KIND: EntityKind = EntityKind::Policy;
    const WORD: &'static str = "policy";
    const QUOTA: (&'static str, usize) = ("PoliciesPerAccount", MAX_POLICIES);

    fn subject(name: Name) -> Subject {
        Subject::PolicyName(name)
    }

    fn count(usage: &mut Usage) -> &mut u32 {
        &mut usage.policies
    }

    fn id(&self) -> EntityId {
        self.id
    }

    fn name(&self) -> &Name {
        &self.name
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn arn(&self, account: AccountId) -> Arn {
        Arn::Policy {
            account: Some(account),
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }
}

impl Tagged for ManagedPolicy {
    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}
