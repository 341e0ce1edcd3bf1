//! The identity of a caller.

use std::sync::Arc;
use strongroom_access::arn::AccountId;
use strongroom_access::evaluation::CallerPolicies;
use strongroom_access::policy;
use strongroom_identity::principal::{Principal, PrincipalKind};

/// The identity that a request was made with.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A root user, a user, or a session of a role, with all policies of the caller.
    Principal(Arc<Principal>),
    /// No identity: the request was not signed.
    Anonymous,
}

impl Identity {
    /// Returns whether the request was not signed.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }

    /// Returns the account of the caller. `None`: the request was not signed.
    pub fn account(&self) -> Option<AccountId> {
        self.known().map(|principal| principal.account)
    }

    /// Returns the caller. `None`: the request was not signed.
    pub fn known(&self) -> Option<&Arc<Principal>> {
        match self {
            Self::Principal(principal) => Some(principal),
            Self::Anonymous => None,
        }
    }

    /// Returns the ARN of the caller. `None`: the request was not signed.
    pub fn arn(&self) -> Option<String> {
        Some(self.as_policy_principal().arn()?.into_owned())
    }

    /// Returns the principal that policies compare with.
    pub(crate) fn as_policy_principal(&self) -> policy::Principal<'_> {
        self.known().map_or(policy::Principal::Anonymous, |principal| {
            principal.as_policy_principal()
        })
    }

    /// Returns the policies of the caller.
    pub(crate) fn policies(&self) -> CallerPolicies<'_> {
        self.known()
            .map_or_else(CallerPolicies::default, |principal| principal.policies())
    }

    /// Returns whether the caller is the root user of an account.
    pub(crate) fn is_root_of(&self, account: AccountId) -> bool {
        self.known().is_some_and(|principal| {
            principal.account == account && matches!(principal.kind, PrincipalKind::Root)
        })
    }

    /// Returns whether a policy of the caller tests condition keys with this prefix.
    pub(crate) fn refers_to(&self, prefix: &str) -> bool {
        let CallerPolicies {
            identity,
            boundary,
            session,
        } = self.policies();
        let all = identity.iter().chain(boundary).chain(session);
        all.into_iter().any(|named| named.policy.refers_to(prefix))
    }
}
