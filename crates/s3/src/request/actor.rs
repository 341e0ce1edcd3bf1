//! In whose name an operation uses keys: what the audit log tells of it.
//!
//! [`crate::permission`] notes it when s3s has named the operation; each operation runs in that name, to its answer. The
//! body of a GET is sent after that, and asks for no key: the object's data key is open before the first byte.

use crate::request::signer::{AccessKeyId, SignedBy};
use crate::request::transport::Transport;
use crate::response::error::ErrorResponse;
use crate::response::request_id::RequestId;
use http::Extensions;
use std::sync::Arc;
use strongroom_engine::audit::Actor;

#[cfg(test)]
mod tests;

/// Who is named where nobody signed.
const ANONYMOUS: &str = "anonymous";

/// Notes in whose name `operation` is carried out.
pub(crate) fn note(operation: &str, extensions: &mut Extensions) {
    let who = extensions.get::<AccessKeyId>();
    let of_form = matches!(extensions.get(), Some(SignedBy::Form));
    let actor = Actor {
        who: who.map_or_else(|| ANONYMOUS.into(), |id| Arc::clone(&id.0)),
        // For s3s it is the PUT that it was made into.
        operation: if of_form { "PostObject" } else { operation }.into(),
        request: extensions
            .get::<RequestId>()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into(),
        address: extensions
            .get::<Transport>()
            .map(|transport| transport.peer.to_canonical()),
    };
    extensions.insert(actor);
}

/// In whose name the request's operation is carried out.
///
/// # Errors
/// The answer to send if that was not noted: nobody's name must stand where somebody's belongs.
pub(crate) fn actor(extensions: &Extensions) -> Result<Actor, ErrorResponse> {
    extensions.get::<Actor>().cloned().ok_or_else(|| {
        tracing::error!("an operation was called in nobody's name");
        ErrorResponse::internal()
    })
}
