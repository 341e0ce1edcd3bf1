//! Policies that apply to a request.

use crate::evaluation::layers::Layer;
use crate::policy::{Policy, Principal};
use std::sync::Arc;

/// A parsed policy, and its name in verdicts. A clone shares both.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// The ARN of a managed policy, the name of an inline policy, or any name for others.
    pub name: Arc<str>,
    /// The policy.
    pub policy: Arc<Policy>,
}

/// Policies of a caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallerPolicies<'a> {
    /// Policies of the user and its groups, or of the role: inline and attached ones.
    pub identity: &'a [NamedPolicy],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a NamedPolicy>,
    /// Policies that were given when the session was created. Empty: none were given, and the session is not limited.
    pub session: &'a [NamedPolicy],
}

/// The resource of a request.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// Id of the account that owns the resource.
    pub owner: &'a str,
    /// The policy of the resource: of a bucket, or the trust policy of a role.
    pub policy: Option<&'a NamedPolicy>,
    /// True if an access control list grants the action to the account of the caller, or to everybody. Other accounts
    /// decide by their own policies which of their users may use such a grant. (S3 User Guide, "How Amazon S3 authorizes
    /// a request".)
    pub granted: bool,
}

impl<'a> CallerPolicies<'a> {
    /// Returns the policies that apply to this principal: none unless it is a user or a session.
    pub(super) fn of(&self, principal: &Principal<'_>) -> Self {
        match principal {
            Principal::User(_) | Principal::Session(_) => *self,
            Principal::Account(_)
            | Principal::Anonymous
            | Principal::WebIdentity(_)
            | Principal::Service(_) => Self::default(),
        }
    }

    /// Returns all policies with their layers, those of the caller first.
    pub(super) fn layers(&self, resource: &Resource<'a>) -> impl Iterator<Item = (Layer, &'a NamedPolicy)> {
        let of = |layer| move |policy: &'a NamedPolicy| (layer, policy);
        let identity = self.identity.iter().map(of(Layer::Identity));
        let boundary = self.boundary.into_iter().map(of(Layer::Boundary));
        let session = self.session.iter().map(of(Layer::Session));
        let resource = resource.policy.into_iter().map(of(Layer::Resource));
        identity.chain(boundary).chain(session).chain(resource)
    }
}
