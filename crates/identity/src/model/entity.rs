//! Traits of users, groups, roles and managed policies.

use crate::error::Subject;
use crate::model::account::Usage;
use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, EntityId, EntityKind, Name, Path};
use strongroom_rows::Record;

/// Entity of an account with a name, a path and a unique id.
pub trait Entity: Record + Clone + Send + Sync + 'static {
    /// Kind of the unique id.
    const KIND: EntityKind;
    /// Word of the row, of errors and of ARNs.
    const WORD: &'static str;
    /// Name of the quota, and its value.
    const QUOTA: (&'static str, usize);

    /// Returns the entity as the subject of an error.
    fn subject(name: Name) -> Subject;

    /// Returns the number of entities of this kind in an account.
    fn count(usage: &mut Usage) -> &mut u32;

    /// Returns the unique id.
    fn id(&self) -> EntityId;

    /// Returns the name.
    fn name(&self) -> &Name;

    /// Returns the path.
    fn path(&self) -> &Path;

    /// Returns the ARN; the entity does not know its account.
    fn arn(&self, account: AccountId) -> Arn;
}

/// Entity that has policies: a user, group or role.
pub trait Holder: Entity {
    /// Maximum number of characters in its inline policies, without white space.
    const MAX_INLINE: usize;
    /// Name of the quota of attached policies.
    const ATTACHED_QUOTA: &'static str;

    /// Returns its policies.
    fn policies(&self) -> &Policies;

    /// Returns its policies, to change them.
    fn policies_mut(&mut self) -> &mut Policies;
}

/// Entity that can have a permissions boundary: a user or role.
pub trait Bounded: Holder {
    /// Returns the ARN of the boundary.
    fn boundary(&self) -> Option<&str>;

    /// Sets the ARN of the boundary.
    fn set_boundary(&mut self, arn: Option<String>);
}

/// Entity with a name and a path that can change: a user or group.
pub trait Renamed: Holder {
    /// Sets name and path.
    fn rename(&mut self, name: Name, path: Path);

    /// Returns the unique ids of the groups that it is a member of.
    fn memberships(&self) -> &[EntityId];

    /// Returns the ARN of its permissions boundary, if it can have one.
    fn boundary_arn(&self) -> Option<&str>;
}

/// Entity with tags: a user, role or managed policy.
pub trait Tagged: Entity {
    /// Returns the tags.
    fn tags(&self) -> &Tags;

    /// Returns the tags, to change them.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// Policies of a user, group or role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Policies {
    /// Inline policies, sorted by folded name. Their documents are rows of their own.
    #[n(0)]
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached managed policies, sorted by name.
    #[n(1)]
    pub attached: Vec<String>,
}

/// Name and size of an inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct InlinePolicy {
    /// Name, unique in the entity.
    #[cbor(n(0), with = "crate::codec::text")]
    pub name: Name,
    /// Number of characters without white space.
    #[n(1)]
    pub size: u32,
}
