//! The decision by all policies.

use crate::evaluation::layers::{Allows, Case, Layer};
use crate::evaluation::policies::{CallerPolicies, NamedPolicy, Resource};
use crate::evaluation::verdict::{Decisive, Verdict};
use crate::policy::{Judgement, Principal, Reach, Request};

/// A statement that applies to the request.
#[derive(Clone, Copy)]
struct Found<'a> {
    layer: Layer,
    policy: &'a NamedPolicy,
    /// Position of the statement in its policy, from 0.
    at: usize,
    reach: Reach,
}

/// Decides the request by all policies, and names the statements that decided.
///
/// Policies of the caller are used for users and sessions only: nothing limits the root user of an account but a Deny in
/// the policy of a resource, and other callers have none.
pub fn evaluate(caller: &CallerPolicies<'_>, resource: &Resource<'_>, request: &Request<'_>) -> Verdict {
    let caller = caller.of(&request.principal);
    let found = match find(&caller, resource, request) {
        Err(denied) => return Verdict::denied(denied.decisive()),
        Ok(found) => found,
    };
    let allows = Allows {
        identity: found.identity.is_some(),
        boundary: caller.boundary.is_none() || found.boundary.is_some(),
        session: caller.session.is_empty() || found.session.is_some(),
        resource: resource_reach(found.resource.map(|found| found.reach), resource),
    };
    match case(&request.principal, resource).combine(&allows) {
        Err(missing) => Verdict::not_allowed(missing),
        Ok(needed) => {
            let is_granted = needed.contains(&Layer::Resource) && found.resource.is_none();
            let allowing = [found.identity, found.boundary, found.session, found.resource];
            let needed = allowing
                .iter()
                .flatten()
                .filter(|found| needed.contains(&found.layer));
            Verdict::allowed(needed.map(Found::decisive).collect(), is_granted)
        }
    }
}

/// Returns the principal to which the resource allows the request: by its policy, or by an access control list, which
/// names accounts.
fn resource_reach(by_policy: Option<Reach>, resource: &Resource<'_>) -> Option<Reach> {
    by_policy.or_else(|| resource.granted.then_some(Reach::Account))
}

fn case(principal: &Principal<'_>, resource: &Resource<'_>) -> Case {
    let must_allow = resource.policy.is_some_and(|policy| policy.policy.must_allow());
    Case::of(principal, resource.owner, must_allow)
}

/// Returns whether [`evaluate`] could allow the principal the action on some resource of this owner, under some
/// conditions. If not, nothing else about a request needs to be known to refuse it.
pub fn could_allow(
    caller: &CallerPolicies<'_>,
    resource: &Resource<'_>,
    principal: &Principal<'_>,
    action: &str,
) -> bool {
    let caller = caller.of(principal);
    let could = |policy: &NamedPolicy| policy.policy.could_allow(principal, action);
    let allows = Allows {
        identity: caller.identity.iter().any(could),
        boundary: caller.boundary.is_none_or(could),
        session: caller.session.is_empty() || caller.session.iter().any(could),
        resource: resource_reach(
            resource
                .policy
                .and_then(|policy| policy.policy.possible_reach(principal, action)),
            resource,
        ),
    };
    case(principal, resource).combine(&allows).is_ok()
}

/// The first allowing statement of each layer.
#[derive(Default)]
struct Allowing<'a> {
    identity: Option<Found<'a>>,
    boundary: Option<Found<'a>>,
    session: Option<Found<'a>>,
    resource: Option<Found<'a>>,
}

/// Finds the first allowing statement of each layer. An error is the first statement that denies the request.
fn find<'a>(
    caller: &CallerPolicies<'a>,
    resource: &Resource<'a>,
    request: &Request<'_>,
) -> Result<Allowing<'a>, Found<'a>> {
    let mut allowing = Allowing::default();
    for (layer, policy) in caller.layers(resource) {
        let found = |at, reach| Found {
            layer,
            policy,
            at,
            reach,
        };
        let place = match layer {
            Layer::Identity => &mut allowing.identity,
            Layer::Boundary => &mut allowing.boundary,
            Layer::Session => &mut allowing.session,
            Layer::Resource => &mut allowing.resource,
        };
        match policy.policy.judge(request) {
            Judgement::Denied(at) => return Err(found(at, Reach::Direct)),
            Judgement::Allowed(reach, at) => {
                place.get_or_insert(found(at, reach));
            }
            Judgement::Silent => {}
        }
    }
    Ok(allowing)
}

impl Found<'_> {
    fn decisive(&self) -> Decisive {
        Decisive {
            layer: self.layer,
            policy: self.policy.name.clone(),
            statement: self.policy.policy.name(self.at),
        }
    }
}
