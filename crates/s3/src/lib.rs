//! The S3 protocol: s3s behind a fence.
//!
//! What a browser asks before it sends something is answered by [`cors`]. Any other request passes the [`fence`] (what
//! s3s lets through and must not be: unsigned or doubled headers, keys in query strings or over clear text, unknown
//! sub-resources), then s3s's signature check, then [`dispatch`], where customer keys become key types; the [`form`] of a
//! browser becomes a PUT instead. Then [`permission`] asks the bucket's policy, s3s parses, and one of [`ops`] calls the
//! engine. Its answer passes [`response::reply`], which completes headers and error documents. Engine errors become S3 errors in one
//! table, [`response::errors`]; encryption headers become key types in [`request::sse`].

// A module imports only modules that are declared before it; the blank lines keep the order.
mod settings;

mod response;

mod request;

mod fence;

mod permission;

mod cors;

mod auth;

mod dispatch;

mod ops;

mod form;

mod front;

pub use front::Front;
pub use request::customer_key::may_bring_customer_key;
pub use request::transport::Transport;
pub use settings::{Cleartext, HeadWithoutKey, Settings};
