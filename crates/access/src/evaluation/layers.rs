//! Layers of policies, and which of them must allow a request.

use crate::policy::{Principal, Reach};
use std::fmt;

/// Layer of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Policies of the user and its groups, or of the role.
    Identity,
    /// The permissions boundary of the user or role.
    Boundary,
    /// Policies of the session.
    Session,
    /// The policy of the resource.
    Resource,
}

impl fmt::Display for Layer {
    /// Writes the name of the layer as AWS's messages have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
        })
    }
}

const RESOURCE: &[Layer] = &[Layer::Resource];
const CALLER: &[Layer] = &[Layer::Identity, Layer::Boundary, Layer::Session];
const BOTH: &[Layer] = &[Layer::Identity, Layer::Boundary, Layer::Session, Layer::Resource];

/// The layers that allow a request.
pub(super) struct Allows {
    pub(super) identity: bool,
    /// Also true if there is no boundary.
    pub(super) boundary: bool,
    /// Also true if the session has no policies.
    pub(super) session: bool,
    /// The principal to which the policy of the resource, or an access control list, allows it.
    pub(super) resource: Option<Reach>,
}

/// Relation of a caller to the owner of the resource.
pub(super) struct Case {
    caller: Caller,
    /// Nothing is allowed unless the policy of the resource allows it: so it is with the trust policy of a role.
    must_allow: bool,
}

/// Callers that are treated differently.
enum Caller {
    /// The root user of the owning account.
    Root,
    /// A user of the owning account.
    User,
    /// A session of a role of the owning account.
    Session,
    /// The root user of another account.
    OtherRoot,
    /// A user or session of another account.
    Other,
    /// A caller of no account.
    Nobody,
}

/// The layer that should have allowed a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A layer of the caller, or the policy of the resource where nothing else counts.
    Layer(Layer),
    /// The policy of a resource of another account.
    OtherAccount,
}

impl Case {
    pub(super) fn of(principal: &Principal<'_>, owner: &str, must_allow: bool) -> Self {
        let is_owned = principal.account().is_some_and(|account| account.id == owner);
        let caller = match principal {
            Principal::Account(_) if is_owned => Caller::Root,
            Principal::User(_) if is_owned => Caller::User,
            Principal::Session(_) if is_owned => Caller::Session,
            Principal::Account(_) => Caller::OtherRoot,
            Principal::User(_) | Principal::Session(_) => Caller::Other,
            Principal::Anonymous | Principal::WebIdentity(_) | Principal::Service(_) => Caller::Nobody,
        };
        Self { caller, must_allow }
    }

    /// Returns the layers whose Allow was needed, or the one that did not allow.
    pub(super) fn combine(&self, allows: &Allows) -> Result<&'static [Layer], Missing> {
        match self.caller {
            Caller::Nobody => allows.by_resource(Missing::Layer(Layer::Resource)),
            // Both accounts must allow: "Cross-account policy evaluation logic". A root user has all rights of its own.
            Caller::OtherRoot => allows.by_resource(Missing::OtherAccount),
            Caller::Other => {
                allows.by_resource(Missing::OtherAccount)?;
                allows.by_identity()?;
                Ok(BOTH)
            }
            Caller::Root | Caller::User | Caller::Session if self.must_allow => {
                allows.by_resource(Missing::Layer(Layer::Resource))?;
                self.within_account(allows)
            }
            Caller::Root | Caller::User | Caller::Session => self.within_account(allows),
        }
    }

    /// Decides about a caller of the owning account: "Policy evaluation for requests within a single account".
    fn within_account(&self, allows: &Allows) -> Result<&'static [Layer], Missing> {
        match (&self.caller, allows.resource) {
            // An access control list gives the owner's account nothing that it does not have.
            (Caller::Root, None | Some(Reach::Account | Reach::Role)) => Ok(&[]),
            // Sessions: "not limited by an implicit deny in an identity-based policy, a permissions boundary, or session
            // policy".
            (Caller::Root | Caller::Session, Some(Reach::Direct)) => Ok(RESOURCE),
            // Users: "not limited by an implicit deny in an identity-based policy or permissions boundary". A session of
            // a user that has policies is limited by these.
            (_, Some(Reach::Direct)) => {
                allows.within_session()?;
                Ok(&[Layer::Session, Layer::Resource])
            }
            // Roles: "limited by an implicit deny in a permissions boundary or session policy".
            (_, Some(Reach::Role)) => {
                allows.within_limits()?;
                Ok(&[Layer::Boundary, Layer::Session, Layer::Resource])
            }
            // An Allow to the account leaves the decision to the account's own policies.
            (_, Some(Reach::Account) | None) => {
                allows.by_identity()?;
                Ok(if self.must_allow { BOTH } else { CALLER })
            }
        }
    }
}

impl Allows {
    /// Requires an Allow in the policy of the resource.
    fn by_resource(&self, missing: Missing) -> Result<&'static [Layer], Missing> {
        self.resource.map(|_| RESOURCE).ok_or(missing)
    }

    /// Requires an Allow in all policies of the caller.
    fn by_identity(&self) -> Result<(), Missing> {
        if !self.identity {
            return Err(Missing::Layer(Layer::Identity));
        }
        self.within_limits()
    }

    fn within_limits(&self) -> Result<(), Missing> {
        if !self.boundary {
            return Err(Missing::Layer(Layer::Boundary));
        }
        self.within_session()
    }

    fn within_session(&self) -> Result<(), Missing> {
        if !self.session {
            return Err(Missing::Layer(Layer::Session));
        }
        Ok(())
    }
}
