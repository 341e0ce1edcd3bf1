//! Encryption contexts.

use std::collections::BTreeMap;

/// The encryption context: pairs that a wrapped key is bound to and cannot be unwrapped without. They are no secret
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>).
pub type Context = BTreeMap<String, String>;

/// A context as bytes, for back ends that bind a key to bytes: JSON without spaces, names in the order of their UTF-8.
///
/// What was wrapped opens under the very same bytes only, so this must not change.
pub fn canonical(context: &Context) -> Vec<u8> {
    // A map of strings always has a JSON form; were there none, nothing would open under what takes its place.
    serde_json::to_vec(context).unwrap_or_default()
}
