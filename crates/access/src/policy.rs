//! Policies: parse, validate, evaluate. Pure.
//!
//! The language is AWS's (IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy
//! language"; S3 User Guide, "Bucket policies"). A policy is parsed once into compiled form, strictly: anything that could
//! never have an effect is an error, with AWS's message and a hint of our own. [`PolicyKind`] tells the kinds apart.
//! [`Policy::evaluate`] then returns the verdict of this policy alone on one request; [`evaluation`](crate::evaluation)
//! combines it with all others that apply.
//!
//! ```
//! use strongroom_access::policy::{Account, Conditions, Policy, Principal, Request, Verdict, key};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/public/*",
//!     "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}}"#;
//! let policy = Policy::parse(text, "photos")?;
//! let principal = Principal::Anonymous;
//! let mut conditions = Conditions::of(&principal);
//! conditions.add(key::SOURCE_IP, "192.0.2.7");
//! let verdict = policy.evaluate(&Request {
//!     principal,
//!     action: "s3:GetObject",
//!     resource: "arn:aws:s3:::photos/public/cat.jpg",
//!     conditions: &conditions,
//! });
//! assert_eq!(verdict, Verdict::Allow);
//! # Ok::<(), strongroom_access::policy::PolicyError>(())
//! ```

pub use arn::{ARN_PREFIX, arn};
pub use context::Conditions;
pub use effect::Effect;
pub use error::{Fault, PolicyError};
pub use kind::PolicyKind;
pub use principal::{Account, Principal, RoleSession, User};
pub use request::Request;
pub use rewrite::Replacement;
pub use statement::{Mismatch, StatementName};

pub(crate) use principals::Reach;

use crate::policy::condition::Condition;
use crate::policy::statement::Statement;

mod action;
mod arn;
mod condition;
mod context;
mod effect;
mod error;
mod glob;
mod json;
pub mod key;
mod kind;
mod parse;
mod pattern;
mod principal;
mod principals;
mod public;
mod request;
mod resource;
mod rewrite;
mod statement;
#[cfg(test)]
mod tests;

/// A policy, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
    public: bool,
    /// Nothing is allowed unless this policy allows it: a trust policy.
    must_allow: bool,
}

/// Verdict of a policy on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed by this policy, unless anything denies it.
    Allow,
    /// Allowed to the account of the user or session, not to these: the account's own policies decide which of them may.
    /// Within the owner's account this adds nothing to their decision.
    Delegate,
    /// Denied; nothing can allow it.
    Deny,
    /// Neither allowed nor denied by this policy.
    Silent,
}

/// The verdict of a policy, and the statement that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The statement that decided. `None` exactly if the verdict is [`Verdict::Silent`].
    pub statement: Option<StatementName>,
}

/// The statement of a policy that decides a request, by its position from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Denied(usize),
    Allowed(Reach, usize),
    Silent,
}

impl Policy {
    /// Maximum length of a bucket's policy in bytes: 20 KB (S3 User Guide, "Bucket policies").
    pub const MAX_LEN: usize = error::MAX_LEN;

    /// Returns the size of a policy's text as the limits for this kind count it.
    pub fn size(text: &str, kind: PolicyKind<'_>) -> usize {
        kind.size_of(text)
    }

    /// Evaluates the policy for a request. An explicit Deny wins over every Allow.
    pub fn evaluate(&self, request: &Request<'_>) -> Verdict {
        self.decide(request).verdict
    }

    /// Evaluates the request like [`Policy::evaluate`] and names the statement that decided. Of several statements that
    /// lead to the same verdict, the first is named.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let (verdict, decisive) = match self.judge(request) {
            Judgement::Denied(at) => (Verdict::Deny, Some(at)),
            Judgement::Allowed(Reach::Direct | Reach::Role, at) => (Verdict::Allow, Some(at)),
            Judgement::Allowed(Reach::Account, at) => (Verdict::Delegate, Some(at)),
            Judgement::Silent => (Verdict::Silent, None),
        };
        Decision {
            verdict,
            statement: decisive.map(|at| self.name(at)),
        }
    }

    /// Finds the statement that decides the request: the first that denies it, else the first of those that allow it to
    /// the narrowest principal.
    pub(crate) fn judge(&self, request: &Request<'_>) -> Judgement {
        let mut judgement = Judgement::Silent;
        for (at, statement) in self.statements.iter().enumerate() {
            // This statement cannot change the judgement any more.
            if statement.effect == Effect::Allow && matches!(judgement, Judgement::Allowed(Reach::Direct, _))
            {
                continue;
            }
            let Some(reach) = statement.applies(request) else {
                continue;
            };
            match (statement.effect, &judgement) {
                (Effect::Deny, _) => return Judgement::Denied(at),
                (Effect::Allow, Judgement::Allowed(known, _)) if *known >= reach => {}
                (Effect::Allow, _) => judgement = Judgement::Allowed(reach, at),
            }
        }
        judgement
    }

    /// Returns whether nothing is allowed that this policy does not allow: it is a trust policy. (IAM User Guide, "Policy
    /// evaluation for requests within a single account".)
    pub(crate) fn must_allow(&self) -> bool {
        self.must_allow
    }

    /// Names the statement at this position, from 0.
    pub(crate) fn name(&self, at: usize) -> StatementName {
        StatementName {
            number: at + 1,
            sid: self
                .statements
                .get(at)
                .and_then(|statement| statement.sid.clone()),
        }
    }

    /// Returns the name and the effect of each statement, and why it does not apply to the request; `None`: it applies.
    pub fn matches(
        &self,
        request: &Request<'_>,
    ) -> impl Iterator<Item = (StatementName, Effect, Option<Mismatch>)> {
        let statements = self.statements.iter().enumerate();
        statements.map(|(at, statement)| (self.name(at), statement.effect, statement.mismatch(request)))
    }

    /// Returns whether this policy grants access to the public, as used by `GetBucketPolicyStatus`, `BlockPublicPolicy`
    /// and `RestrictPublicBuckets` (S3 User Guide, "The meaning of public").
    pub fn is_public(&self) -> bool {
        self.public
    }

    /// Returns whether a statement allows this principal the action on some resource, under some conditions. If not,
    /// nothing else about a request needs to be known to refuse it.
    pub fn could_allow(&self, principal: &Principal<'_>, action: &str) -> bool {
        self.possible_reach(principal, action).is_some()
    }

    /// Returns the narrowest principal to which a statement allows the action on some resource, under some conditions.
    pub(crate) fn possible_reach(&self, principal: &Principal<'_>, action: &str) -> Option<Reach> {
        let allowing = self
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow && statement.actions.cover(action));
        allowing.filter_map(|statement| statement.reach(principal)).max()
    }

    /// Returns whether this policy tests condition keys with this prefix, ignoring case. If not, the caller can omit
    /// values that are expensive to look up, such as the tags of an object.
    pub fn refers_to(&self, prefix: &str) -> bool {
        self.condition_keys().any(|key| {
            key.get(..prefix.len())
                .is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
        })
    }

    /// Returns the condition keys that this policy tests or has as variables, as written; some repeatedly.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| {
            let tested = statement.conditions.iter().flat_map(Condition::keys);
            tested.chain(statement.resources.variables())
        })
    }
}
