//! Bucket policies: parse, validate, evaluate. Pure.
//!
//! The language is AWS's (IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy
//! language"; S3 User Guide, "Bucket policies"). A policy is parsed once into compiled form, strictly: anything that could
//! never have an effect is an error, with AWS's message and a hint of our own. [`Policy::evaluate`] then returns the
//! verdict of this policy alone on one request; the owner's rights and other policies are up to the caller.
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
pub use context::{Conditions, key};
pub use error::{Fault, PolicyError};
pub use principal::{Account, Principal};
pub use request::Request;
pub use statement::StatementName;

use crate::policy::effect::Effect;
use crate::policy::principal::Reach;
use crate::policy::statement::Statement;

mod action;
mod arn;
mod condition;
mod context;
mod effect;
mod error;
mod json;
mod parse;
mod pattern;
mod principal;
mod public;
mod request;
mod resource;
mod statement;
#[cfg(test)]
mod tests;

/// A bucket policy, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
    public: bool,
}

/// Verdict of a policy on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed by this policy, unless anything denies it.
    Allow,
    /// Allowed to the account of the user, not to the user: the account's own policies decide which of its users may.
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

impl Policy {
    /// Maximum length of a policy in bytes: 20 KB (S3 User Guide, "Bucket policies").
    pub const MAX_LEN: usize = error::MAX_LEN;

    /// Evaluates the policy for a request. An explicit Deny wins over every Allow.
    pub fn evaluate(&self, request: &Request<'_>) -> Verdict {
        self.decide(request).verdict
    }

    /// Evaluates the request like [`Policy::evaluate`] and names the statement that decided. Of several statements that
    /// lead to the same verdict, the first is named.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let (mut verdict, mut decisive) = (Verdict::Silent, None);
        for (at, statement) in self.statements.iter().enumerate() {
            // This statement cannot change the verdict any more.
            if statement.effect == Effect::Allow && verdict == Verdict::Allow {
                continue;
            }
            match (statement.effect, statement.applies(request)) {
                (_, None) => {}
                (Effect::Deny, Some(_)) => {
                    return Decision {
                        verdict: Verdict::Deny,
                        statement: Some(statement.name(at)),
                    };
                }
                (Effect::Allow, Some(Reach::Direct)) => {
                    (verdict, decisive) = (Verdict::Allow, Some((at, statement)));
                }
                (Effect::Allow, Some(Reach::Account)) if verdict == Verdict::Delegate => {}
                (Effect::Allow, Some(Reach::Account)) => {
                    (verdict, decisive) = (Verdict::Delegate, Some((at, statement)));
                }
            }
        }
        Decision {
            verdict,
            statement: decisive.map(|(at, statement)| statement.name(at)),
        }
    }

    /// Returns whether this policy grants access to the public, as used by `GetBucketPolicyStatus`, `BlockPublicPolicy`
    /// and `RestrictPublicBuckets` (S3 User Guide, "The meaning of public").
    pub fn is_public(&self) -> bool {
        self.public
    }

    /// Returns whether a statement allows this principal the action on some resource, under some conditions. If not,
    /// nothing else about a request needs to be known to refuse it.
    pub fn could_allow(&self, principal: &Principal<'_>, action: &str) -> bool {
        self.statements.iter().any(|statement| {
            statement.effect == Effect::Allow
                && statement.principals.reach(principal).is_some()
                && statement.actions.cover(action)
        })
    }

    /// Returns whether this policy tests condition keys with this prefix, ignoring case. If not, the caller can omit
    /// values that are expensive to look up, such as the tags of an object.
    pub fn refers_to(&self, prefix: &str) -> bool {
        let refers = |key: &str| {
            key.get(..prefix.len())
                .is_some_and(|k| k.eq_ignore_ascii_case(prefix))
        };
        self.statements.iter().any(|statement| {
            statement.conditions.iter().any(|c| c.keys().any(refers))
                || statement.resources.variables().any(refers)
        })
    }
}
