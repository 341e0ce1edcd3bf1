//! The S3 protocol: s3s behind a fence.
//!
//! What a browser asks before it sends something is answered by [`cors`]. Any other request passes the [`fence`] (what
//! s3s lets through and must not be: unsigned or doubled headers, keys in query strings or over clear text, unknown
//! sub-resources), then s3s's signature check, then [`signed`], where customer keys become key types; the [`form`] of a
//! browser becomes a PUT instead. Then [`permission`] asks the bucket's policy, s3s parses, and one of [`ops`] calls the
//! engine. Its answer passes [`reply`], which completes headers and error documents. Engine errors become S3 errors in one
//! table, [`errors`]; encryption headers become key types in [`sse`].

mod acting;
mod auth;
mod authorization;
mod body;
mod checksum;
mod chunks;
mod conditions;
mod cors;
mod document;
mod errors;
mod fence;
mod form;
mod front;
mod host;
mod leftover;
mod new_object;
mod ops;
mod permission;
mod reply;
mod signed;
mod sse;
mod sub_resource;

pub use front::{Cleartext, Front, HeadWithoutKey, Settings, Transport};
pub use sse::may_bring_customer_key;
