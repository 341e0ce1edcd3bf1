//! Decides whether a caller may perform an action on a bucket or an object, and names the rule that decided.
//!
//! The account that owns a bucket may do everything that the bucket's policy does not deny, and may always read and
//! change the policy itself. Everyone else may do what the policy allows. The crate `s3` calls this one for each
//! request; a console or an IAM API can use the same [`Judge`].
//!
//! [`Judge`] holds the engine and the parsed policies. It creates a [`Caller`] for each request, and
//! [`Caller::decide`] returns a [`Decision`] that names the deciding rule.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
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
