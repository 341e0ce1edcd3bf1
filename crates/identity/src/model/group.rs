//! Groups.

use crate::error::Subject;
use crate::limits::{MAX_GROUPS, MAX_INLINE_OF_GROUP};
use crate::model::account::Usage;
use crate::model::entity::{Entity, Holder, Policies, Renamed};
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, EntityId, EntityKind, Name, Path};
use strongroom_rows::records;

records! {
    Group = 1, "group";
}

/// Group: the row `group/<account>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Group {
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
    /// Inline and attached policies.
    #[n(4)]
    pub policies: Policies,
    /// Number of members. Each change of it is in the commit that adds or removes the member's row.
    #[n(5)]
    pub members: u32,
}

impl Entity for Group {
    const KIND: EntityKind = EntityKind::Group;
    const WORD: &'static str = "group";
    const QUOTA: (&'static str, usize) = ("GroupsPerAccount", MAX_GROUPS);

    fn subject(name: Name) -> Subject {
        Subject::Group(name)
    }

    fn count(usage: &mut Usage) -> &mut u32 {
        &mut usage.groups
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
        Arn::Group {
            account,
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }
}

impl Renamed for Group {
    fn rename(&mut self, name: Name, path: Path) {
        (self.name, self.path) = (name, path);
    }

    fn memberships(&self) -> &[EntityId] {
        &[]
    }

    fn boundary_arn(&self) -> Option<&str> {
        None
    }
}

impl Holder for Group {
    const MAX_INLINE: usize = MAX_INLINE_OF_GROUP;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerGroup";

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }
}
