//! Encryption contexts.

use std::collections::BTreeMap;

/// The encryption context: pairs that a wrapped key is bound to and cannot be unwrapped without. Not secret
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>).
pub type Context = BTreeMap<String, String>;

/// Encodes a context for back ends that bind a key to bytes: JSON without spaces, names in the order of their UTF-8.
///
/// A wrapped key opens only with the same bytes, so this encoding must not change.
pub fn canonical(context: &Context) -> Vec<u8> {
    // A map of strings always has a JSON form. Should it fail, the empty default opens nothing.
    serde_json::to_vec(context).unwrap_or_default()
}
