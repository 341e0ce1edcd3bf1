//! The S3 protocol: s3s behind a fence.
//!
//! [`front`] lists the steps of a request in order. [`cors`] answers preflight requests. Every other request
//! passes the [`fence`], which refuses requests that s3s accepts but must not (unsigned or duplicate headers, keys in
//! query strings or over clear text, unknown sub-resources), then the signature check of s3s ([`auth`]), then
//! [`dispatch`], which takes the customer keys out of the headers. A [`form`] of a browser is turned into a PUT.
//! [`permission`] decides whether the caller may do it, s3s parses the request, and one of [`ops`] calls the engine.
//! [`response::reply`] completes headers and error documents. The table [`response::errors`] maps engine errors to S3
//! errors; [`request::sse`] turns encryption headers into key types.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
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

#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;

pub use front::Front;
pub use request::customer_key::may_bring_customer_key;
pub use request::transport::{Standing, Transport};
pub use settings::{Cleartext, HeadWithoutKey, RequestLimits, Settings};
