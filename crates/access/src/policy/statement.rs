//! Statements of a policy.

use crate::policy::action::Actions;
use crate::policy::condition::Condition;
use crate::policy::effect::Effect;
use crate::policy::principal::Principal;
use crate::policy::principals::{Principals, Reach};
use crate::policy::request::Request;
use crate::policy::resource::Resources;
use std::fmt;

/// Names a statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementName {
    /// Position in the policy, from 1.
    pub number: usize,
    /// `Sid`, if the statement has one.
    pub sid: Option<String>,
}

impl fmt::Display for StatementName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.number)?;
        match &self.sid {
            None => Ok(()),
            Some(sid) => write!(f, " (Sid {sid:?})"),
        }
    }
}

/// The element of a statement because of which it does not apply to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// A condition.
    Condition {
        /// The operator as written.
        operator: String,
        /// The condition key as written.
        key: String,
    },
}

/// One statement. It applies to a request if all of its elements do.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    /// `None`: the policy belongs to the principals to which it applies.
    pub(super) principals: Option<Principals>,
    pub(super) actions: Actions,
    pub(super) resources: Resources,
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    /// Returns how the statement applies to the request; `None` if it does not.
    pub(super) fn applies(&self, request: &Request<'_>) -> Option<Reach> {
        // The action differs most often and costs least.
        let applies = self.actions.cover(request.action)
            && self
                .resources
                .cover(request.resource, request.conditions, self.effect)
            && self.failing_condition(request).is_none();
        if !applies {
            return None;
        }
        self.reach(&request.principal)
    }

    /// Returns how the statement relates to a principal; `None` if it does not.
    pub(super) fn reach(&self, principal: &Principal<'_>) -> Option<Reach> {
        match &self.principals {
            None => Some(Reach::Direct),
            Some(principals) => principals.reach(principal, self.effect),
        }
    }

    /// Returns the first element because of which the statement does not apply to the request; `None` if it applies.
    pub(super) fn mismatch(&self, request: &Request<'_>) -> Option<Mismatch> {
        if self.reach(&request.principal).is_none() {
            return Some(Mismatch::Principal);
        }
        if !self.actions.cover(request.action) {
            return Some(Mismatch::Action);
        }
        let resources = &self.resources;
        if !resources.cover(request.resource, request.conditions, self.effect) {
            return Some(Mismatch::Resource);
        }
        let failing = self.failing_condition(request);
        failing.map(|condition| Mismatch::Condition {
            operator: condition.operator.clone(),
            key: condition.key.clone(),
        })
    }

    fn failing_condition(&self, request: &Request<'_>) -> Option<&Condition> {
        let mut conditions = self.conditions.iter();
        conditions.find(|condition| !condition.holds(request.conditions, self.effect))
    }
}
