//! The identity of a caller.

use strongroom_access::policy::{Account, Principal};
use strongroom_access::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

/// The identity that a request was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The account that owns every bucket and object.
    Owner,
    /// No identity: the request was not signed.
    Anonymous,
}

impl Identity {
    /// Returns the principal that policies compare with.
    pub fn principal(self) -> Principal<'static> {
        match self {
            Self::Anonymous => Principal::Anonymous,
            Self::Owner => Principal::Account(Account {
                id: ROOT_ACCOUNT,
                canonical_id: ROOT_CANONICAL_ID,
            }),
        }
    }
}
