//! Access keys.

use minicbor::{Decode, Encode};
use strongroom_access::SecretAccessKey;
use strongroom_access::arn::{AccountId, EntityId};
use strongroom_rows::records;

records! {
    KeyRecord = 1, "access key";
}

/// Access key: the row `access-key/<id>`. Has no `Debug`, because of the secret.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(crate) struct KeyRecord {
    /// Account of the owner.
    #[cbor(n(0), with = "crate::codec::text")]
    pub(crate) account: AccountId,
    /// Unique id of the user. `None`: the root user of the account.
    #[n(1)]
    pub(crate) user: Option<OwnerId>,
    #[n(2)]
    pub(crate) status: KeyStatus,
    /// Time of creation, in microseconds since 1970.
    #[n(3)]
    pub(crate) created: u64,
    /// Epoch in which the key was created or set active. In a later epoch the key is void until it is set active.
    #[n(4)]
    pub(crate) epoch: u64,
    #[cbor(n(5), with = "crate::codec::secret")]
    pub(crate) secret: SecretAccessKey,
}

/// Unique id of the user that an access key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct OwnerId(#[cbor(n(0), with = "crate::codec::text")] pub(crate) EntityId);

/// Status of an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum KeyStatus {
    /// The key can be used.
    #[n(0)]
    Active,
    /// Requests with the key are refused.
    #[n(1)]
    Inactive,
}

/// Access key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// Public id.
    pub id: String,
    /// Status that was set.
    pub status: KeyStatus,
    /// True if the key was revived by a restore of the store: requests with it are refused until it is set active.
    pub is_unconfirmed: bool,
    /// Time of creation, in microseconds since 1970.
    pub created: u64,
}

/// New access key with its secret, which is shown only once. Has no `Debug`.
pub struct NewAccessKey {
    /// The key.
    pub key: AccessKey,
    /// Secret that signs requests.
    pub secret: SecretAccessKey,
}
