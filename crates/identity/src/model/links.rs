//! Rows that lead to other rows.

use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, EntityId, Name};
use strongroom_rows::records;

records! {
    AccountLink = 1, "link to an account";
    EntityLink = 1, "link to an entity";
    EpochRecord = 1, "identity epoch";
}

/// Account with a name, alias or canonical id: the rows `account-name/<name>`, `alias/<alias>`, `canonical-id/<id>`.
#[derive(Clone, Copy, Encode, Decode)]
#[cbor(map)]
pub(crate) struct AccountLink {
    #[cbor(n(0), with = "crate::codec::text")]
    pub(crate) account: AccountId,
}

/// Entity: the rows `id/<unique id>`, `member/<group>/<name>` and `holder/<account>/<policy>/<usage>/<kind>/<name>`.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(crate) struct EntityLink {
    #[cbor(n(0), with = "crate::codec::text")]
    pub(crate) account: AccountId,
    #[cbor(n(1), with = "crate::codec::text")]
    pub(crate) name: Name,
    #[cbor(n(2), with = "crate::codec::text")]
    pub(crate) id: EntityId,
}

/// Identity epoch: the row `epoch`. A store that is restored begins a new one, which voids sessions and access keys of
/// earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct EpochRecord {
    /// Random number.
    #[n(0)]
    pub(crate) number: u64,
    /// Time at which the epoch began, in microseconds since 1970.
    #[n(1)]
    pub(crate) since: u64,
    /// Timeline of the store in which the epoch began, if the store has one.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) timeline: Option<[u8; 16]>,
}
