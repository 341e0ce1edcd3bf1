//! Users.

use crate::error::Subject;
use crate::limits::{MAX_INLINE_OF_USER, MAX_USERS};
use crate::model::account::Usage;
use crate::model::entity::{Bounded, Entity, Holder, Policies, Renamed, Tagged};
use crate::model::login::Login;
use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, EntityId, EntityKind, Name, Path};
use strongroom_rows::records;

records! {
    User = 1, "user";
}

/// User: the row `user/<account>/<name>`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct User {
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
    /// Tags.
    #[n(4)]
    pub tags: Tags,
    /// ARN of the permissions boundary.
    #[n(5)]
    pub boundary: Option<String>,
    /// Inline and attached policies.
    #[n(6)]
    pub policies: Policies,
    /// Unique ids of the groups that the user is a member of.
    #[cbor(n(7), with = "crate::codec::texts")]
    pub groups: Vec<EntityId>,
    /// Ids of the access keys.
    #[n(8)]
    pub access_keys: Vec<String>,
    /// Password.
    #[n(9)]
    pub login: Option<Login>,
}

impl Entity for User {
    const KIND: EntityKind = EntityKind::User;
    const WORD: &'static str = "user";
    const QUOTA: (&'static str, usize) = ("UsersPerAccount", MAX_USERS);

    fn subject(name: Name) -> Subject {
        Subject::User(name)
    }

    fn count(usage: &mut Usage) -> &mut u32 {
        &mut usage.users
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
        Arn::User {
            account,
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }
}

impl Renamed for User {
    fn rename(&mut self, name: Name, path: Path) {
        (self.name, self.path) = (name, path);
    }

    fn memberships(&self) -> &[EntityId] {
        &self.groups
    }

    fn boundary_arn(&self) -> Option<&str> {
        self.boundary.as_deref()
    }
}

impl Holder for User {
    const MAX_INLINE: usize = MAX_INLINE_OF_USER;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerUser";

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }
}

impl Bounded for User {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn set_boundary(&mut self, arn: Option<String>) {
        self.boundary = arn;
    }
}

impl Tagged for User {
    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}
