//! Accounts.

use crate::limits::MAX_ACCESS_KEYS;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn, CanonicalId};
use strongroom_rows::records;

records! {
    Account = 1, "account";
}

/// Account: the row `account/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Account {
    /// Twelve digits.
    #[cbor(n(0), with = "crate::codec::text")]
    pub id: AccountId,
    /// Id in ACLs and listings of S3.
    #[cbor(n(1), with = "crate::codec::text")]
    pub canonical_id: CanonicalId,
    /// Name for people, unique in the store.
    #[n(2)]
    pub name: String,
    /// Address for people.
    #[n(3)]
    pub email: Option<String>,
    /// Time of creation, in microseconds since 1970.
    #[n(4)]
    pub created: u64,
    /// Suspended accounts have no access.
    #[n(5)]
    pub status: AccountStatus,
    /// Maximum number of access keys of each user, and of the root user.
    #[n(6)]
    pub max_access_keys: u32,
    /// Name for the sign-in page, unique in the store.
    #[n(7)]
    pub alias: Option<String>,
    /// Ids of the root user's access keys.
    #[n(8)]
    pub root_keys: Vec<String>,
    /// Numbers of entities.
    #[n(9)]
    pub usage: Usage,
}

/// Status of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AccountStatus {
    /// The account can be used.
    #[n(0)]
    Active,
    /// All requests of the account are refused.
    #[n(1)]
    Suspended,
}

/// Numbers of entities in an account. Each creation and deletion changes them in its commit, so an account is only
/// deleted while all are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Usage {
    /// Number of users.
    #[n(0)]
    pub users: u32,
    /// Number of groups.
    #[n(1)]
    pub groups: u32,
    /// Number of roles.
    #[n(2)]
    pub roles: u32,
    /// Number of managed policies.
    #[n(3)]
    pub policies: u32,
    /// Number of identity providers.
    #[n(4)]
    pub providers: u32,
}

impl Account {
    pub(crate) fn new(id: AccountId, canonical_id: CanonicalId, name: String, created: u64) -> Self {
        Self {
            id,
            canonical_id,
            name,
            email: None,
            created,
            status: AccountStatus::Active,
            max_access_keys: MAX_ACCESS_KEYS,
            alias: None,
            root_keys: Vec::new(),
            usage: Usage::default(),
        }
    }

    /// Returns the ARN of the account, and of its root user.
    pub fn arn(&self) -> Arn {
        Arn::Root(self.id)
    }
}
