//! Sessions of the web console.

use crate::model::access_key::OwnerId;
use minicbor::{Decode, Encode};
use strongroom_access::arn::AccountId;
use strongroom_rows::records;

records! {
    ConsoleSession = 1, "console session";
}

/// Session of the web console: the row `console-session/<SHA-256 of its token>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ConsoleSession {
    /// Account of the caller.
    #[cbor(n(0), with = "crate::codec::text")]
    pub account: AccountId,
    /// Credentials that the caller signed in with.
    #[n(1)]
    pub proof: Proof,
    /// Time of the sign-in, in microseconds since 1970.
    #[n(2)]
    pub began: u64,
    /// Address of the client at the sign-in.
    #[n(3)]
    pub address: String,
    /// Name of the client's program, as it gave it.
    #[n(4)]
    pub agent: String,
    /// Epoch of the sign-in. In a later epoch the session is void.
    #[n(5)]
    pub epoch: u64,
}

/// Credentials that the caller of a session signed in with. The session is void when they are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Proof {
    /// An access key, by its id.
    #[n(0)]
    AccessKey(#[n(0)] String),
    /// The password of a user.
    #[n(1)]
    Password {
        /// Unique id of the user.
        #[n(0)]
        user: OwnerId,
        /// Salt of the password's hash, which tells this password from later ones.
        #[cbor(n(1), with = "minicbor::bytes")]
        salt: [u8; 16],
    },
}
