//! The protocol of IAM and STS: requests in forms, responses in XML.
//! (IAM API Reference; AWS Security Token Service API Reference; IAM User Guide, "Calling the IAM API using HTTP query
//! requests".)
//!
//! [`Iam::answer`] is the only entry point: it checks the signature, finds the action in its table, asks the policies,
//! runs the action on [`Identities`](strongroom_identity::Identities), and records changes. The crate needs no HTTP
//! server and knows nothing of S3.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod settings;

mod instant;

mod error;

mod record;

mod key_set;

mod issuer_keys;

mod web_token;

mod parameters;

mod caller;

mod call;

mod target;

mod permission;

mod documents;

mod actions;

mod service;

mod admission;

#[cfg(test)]
mod tests;

pub use admission::Admitted;
pub use issuer_keys::{Document, Documents, Fetching};
pub use record::{AdminEvent, Record};
pub use service::{Components, Iam, MAX_BODY, MAX_UNSIGNED_BODY};
pub use settings::{Settings, Transport};
