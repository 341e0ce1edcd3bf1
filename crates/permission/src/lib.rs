//! The verdict: may this caller perform this action on this bucket or object, and which rule decided.
//!
//! The account that owns a bucket may do everything that the bucket's policy does not deny. Everyone else may do what the
//! policy allows. The S3 protocol asks this crate for each request; a console or an IAM API can ask the same judge.
//!
//! [`Judge`] holds the engine and the parsed policies. It creates a [`Caller`] for each request, and
//! [`Caller::decide`] returns a [`Decision`] that names the deciding rule.

// A module imports only modules that are declared before it; the blank lines keep the order.
mod identity;

mod request;

mod decision;

mod policies;

mod rule;

mod caller;

mod judge;

pub use caller::Caller;
pub use decision::{Decision, Reason};
pub use identity::Identity;
pub use judge::Judge;
pub use request::{AccessRequest, RequestConditions};
