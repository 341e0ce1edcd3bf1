//! Roles.

use crate::error::Subject;
use crate::limits::{MAX_INLINE_OF_ROLE, MAX_ROLES};
use crate::model::account::Usage;
use crate::model::entity::{Bounded, Entity, Holder, Policies, Tagged};
use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, EntityId, EntityKind, Name, Path};
use strongroom_rows::records;

records! {
    Role = 1, "role";
}

/// Role: the row `role/<account>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Role {
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
    /// Description: up to 1000 characters.
    #[n(4)]
    pub description: Option<String>,
    /// Duration of the longest session, in seconds: 3600 to 43,200.
    #[n(5)]
    pub max_session: u32,
    /// Document of the trust policy: the principals that may assume the role, users and roles by their unique ids.
    #[n(6)]
    pub trust: String,
    /// Tags.
    #[n(7)]
    pub tags: Tags,
    /// ARN of the permissions boundary.
    #[n(8)]
    pub boundary: Option<String>,
    /// Inline and attached policies.
    #[n(9)]
    pub policies: Policies,
    /// Sessions that began before this time are void, in microseconds since 1970.
    #[n(10)]
    pub revoked_before: u64,
}

impl Entity for Role {
    const KIND: EntityKind = EntityKind::Role;
    const WORD: &'static str = "role";
    const QUOTA: (&'static str, usize) = ("RolesPerAccount", MAX_ROLES);

    fn subject(name: Name) -> Subject {
        Subject::Role(name)
    }

    fn count(usage: &mut Usage) -> &mut u32 {
        &mut usage.roles
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
        Arn::Role {
            account,
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }
}

impl Holder for Role {
    const MAX_INLINE: usize = MAX_INLINE_OF_ROLE;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerRole";

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }
}

impl Bounded for Role {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn set_boundary(&mut self, arn: Option<String>) {
        self.boundary = arn;
    }
}

impl Tagged for Role {
    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}
