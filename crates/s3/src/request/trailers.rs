//! Trailers of aws-chunked bodies.

use http::HeaderMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Trailers of an aws-chunked body, which are known after the body was read.
#[derive(Clone, Default)]
pub(crate) struct Trailers(Arc<Mutex<Option<HeaderMap>>>);

impl Trailers {
    /// Sets the trailers, at the end of the body.
    pub(crate) fn set(&self, trailers: HeaderMap) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trailers);
    }

    /// Takes the trailers. `None`: the body has none, or was not read to its end.
    pub(crate) fn take(&self) -> Option<HeaderMap> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
