//! Who made a request, and how it was signed.

use http::Extensions;
use std::sync::Arc;
use strongroom_access::policy::{Account, Principal};
use strongroom_access::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

/// The id of the access key that a request was signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKeyId(pub(crate) Arc<str>);

/// Who made a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The account that owns everything here.
    Owner,
    /// It was not signed.
    Anonymous,
}

impl Who {
    /// Notes who made a request: the account of the key that signed it, if one did.
    pub(crate) fn note(signer: Option<AccessKeyId>, extensions: &mut Extensions) {
        match signer {
            Some(signer) => {
                extensions.insert(signer);
                extensions.insert(Self::Owner);
            }
            None => {
                extensions.insert(Self::Anonymous);
            }
        }
    }

    pub(crate) fn principal(self) -> Principal<'static> {
        match self {
            Self::Anonymous => Principal::Anonymous,
            Self::Owner => Principal::Account(Account {
                id: ROOT_ACCOUNT,
                canonical_id: ROOT_CANONICAL_ID,
                user: None,
            }),
        }
    }
}

/// How a request was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// A header.
    Header,
    /// The query, at this time (`X-Amz-Date`).
    Query(String),
    /// A form.
    Form,
}
