//! Statements of a policy.

use crate::policy::action::Actions;
use crate::policy::condition::Condition;
use crate::policy::effect::Effect;
use crate::policy::principal::{Principals, Reach};
use crate::policy::request::Request;
use crate::policy::resource::Resources;

/// Names a statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementName {
    /// Position in the policy, from 1.
    pub number: usize,
    /// `Sid`, if the statement has one.
    pub sid: Option<String>,
}

/// One statement. It applies to a request if all of its elements do.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    pub(super) principals: Principals,
    pub(super) actions: Actions,
    pub(super) resources: Resources,
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    /// Names the statement at this position, from 0.
    pub(super) fn name(&self, at: usize) -> StatementName {
        StatementName {
            number: at + 1,
            sid: self.sid.clone(),
        }
    }

    /// Returns how the statement applies to the request; `None` if it does not.
    pub(super) fn applies(&self, request: &Request<'_>) -> Option<Reach> {
        let reach = self.principals.reach(&request.principal)?;
        let applies = self.actions.cover(request.action)
            && self
                .resources
                .cover(request.resource, request.conditions, self.effect)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request.conditions, self.effect));
        applies.then_some(reach)
    }
}
