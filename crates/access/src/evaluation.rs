//! Evaluation of all policies that apply to a request.
//!
//! (IAM User Guide, "Policy evaluation logic": "How AWS enforcement code logic evaluates requests to allow or deny
//! access", "Policy evaluation for requests within a single account", "Cross-account policy evaluation logic";
//! "Permissions boundaries for IAM entities"; "Session policies".)
//!
//! A Deny in any policy decides. Without one, the layers must allow the request together: the policies of the user or
//! role, its boundary, the policies of the session, and the policy of the resource; `layers` says which of them.
//!
//! ```
//! use std::sync::Arc;
//! use strongroom_access::evaluation::{CallerPolicies, NamedPolicy, Resource, evaluate};
//! use strongroom_access::policy::{Account, Conditions, Policy, PolicyKind, Principal, Request, User};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/${aws:username}/*"}}"#;
//! let policy = Policy::parse_as(text, PolicyKind::InlineOfUser)?;
//! let identity = [NamedPolicy { name: "photos".into(), policy: Arc::new(policy) }];
//! let account = Account { id: "123456789012", canonical_id: "" };
//! let principal = Principal::User(User { account, name: "ann", id: "AIDAQ3EGPZBA7PQ5ZBQ3A" });
//! let verdict = evaluate(
//!     &CallerPolicies { identity: &identity, ..CallerPolicies::default() },
//!     &Resource { owner: "123456789012", policy: None, granted: false },
//!     &Request {
//!         principal,
//!         action: "s3:GetObject",
//!         resource: "arn:aws:s3:::photos/ann/cat.jpg",
//!         conditions: &Conditions::of(&principal),
//!     },
//! );
//! assert!(verdict.allowed);
//! assert_eq!(verdict.to_string(), "allowed: statement 1 of photos (identity-based policy)");
//! # Ok::<(), strongroom_access::policy::PolicyError>(())
//! ```

pub use decide::{could_allow, evaluate};
pub use explain::{Explanation, Outcome, explain};
pub use layers::Layer;
pub use policies::{CallerPolicies, NamedPolicy, Resource};
pub use verdict::{Decisive, Reason, Verdict};

mod decide;
mod explain;
mod layers;
mod policies;
#[cfg(test)]
mod tests;
mod verdict;
