//! The actor that the audit log names for a request's use of keys.
//!
//! [`crate::permission`] identifies it when s3s has identified the operation, which then runs with this actor until the
//! response is ready. The body of a GET is sent after that and needs no key: the object's data key is unwrapped before
//! the first byte is sent.

use crate::request::context::Authenticated;
use crate::request::signer::SignedBy;
use strongroom_audit::Actor;

#[cfg(test)]
mod tests;

/// Name of the actor of requests that are not signed.
const ANONYMOUS: &str = "anonymous";

/// Identifies the actor of a request for this operation.
pub(crate) fn identify(request: &Authenticated, operation: &str) -> Actor {
    let signer = request.identity.known();
    // s3s sees the PUT that a form is turned into.
    let of_form = request.signed_by == SignedBy::Form;
    Actor {
        who: signer.map_or_else(|| ANONYMOUS.into(), |signer| signer.access_key_id.as_str().into()),
        operation: if of_form { "PostObject" } else { operation }.into(),
        request: request.reply.id.to_string().into(),
        address: Some(request.transport.peer.to_canonical()),
    }
}
