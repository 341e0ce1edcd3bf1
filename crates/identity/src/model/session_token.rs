//! Contents of session tokens.

use crate::model::access_key::OwnerId;
use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::SecretAccessKey;
use strongroom_access::arn::AccountId;
use strongroom_rows::records;

records! {
    SessionToken = 1, "session token";
}

/// Session: sealed as the row `session/<access key id>` would be, which does not exist. Has no `Debug`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct SessionToken {
    #[cbor(n(0), with = "crate::codec::text")]
    pub(crate) account: AccountId,
    /// Unique id of a user or role. `None`: the root user.
    #[n(1)]
    pub(crate) owner: Option<OwnerId>,
    #[n(2)]
    pub(crate) name: String,
    /// Time at which it began, in microseconds since 1970.
    #[n(3)]
    pub(crate) issued: u64,
    /// Time at which it ends, in microseconds since 1970.
    #[n(4)]
    pub(crate) expires: u64,
    #[n(5)]
    pub(crate) epoch: u64,
    #[cbor(n(6), with = "crate::codec::secret")]
    pub(crate) secret: SecretAccessKey,
    /// Document of a policy that limits the session.
    #[n(7)]
    pub(crate) policy: Option<String>,
    /// ARNs of managed policies that limit the session.
    #[n(8)]
    pub(crate) managed: Vec<String>,
    #[n(9)]
    pub(crate) tags: Tags,
    #[n(10)]
    pub(crate) transitive: Vec<String>,
    #[n(11)]
    pub(crate) source_identity: Option<String>,
    #[n(12)]
    pub(crate) provider: Option<String>,
    #[n(13)]
    pub(crate) mfa: bool,
    /// Condition keys that the identity provider vouched for, and their values.
    #[cbor(n(14), skip_if = "Vec::is_empty")]
    pub(crate) claims: Vec<(String, String)>,
}
