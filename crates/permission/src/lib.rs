//! Decides whether a caller may perform an action on a bucket or an object, and names the rule that decided.
//!
//! The policies of the caller and of the bucket decide together ([`strongroom_access::evaluation`]), with access control
//! lists where the bucket has not disabled them. An object that another account owns than its bucket is that account's: the
//! policies of the bucket's owner can deny access to it, and allow none. Two rules are added: the root user of the bucket's account may always read and change the bucket's policy, and a public access block ends
//! the permissions of public policies for callers of other accounts. The crate `s3` calls this one for each request; a
//! console can use the same [`Judge`].
//!
//! [`Judge`] holds the engine and the parsed policies. It creates a [`Caller`] for each request, and
//! [`Caller::decide`] returns a [`Decision`] that names the deciding rule.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod identity;

mod request;

mod decision;

mod grants;

mod policies;

mod rule;

mod explanation;

mod caller;

mod judge;

pub use caller::Caller;
pub use decision::{Decision, Reason};
pub use explanation::Explained;
pub use identity::Identity;
pub use judge::Judge;
pub use request::{AccessRequest, RequestConditions, Subject};
