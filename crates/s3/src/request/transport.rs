//! The connection that a request arrived on.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The connection that a request arrived on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// True if the connection is encrypted, by this server or by a trusted proxy.
    pub secure: bool,
    /// True if the client is on this machine.
    pub local: bool,
    /// Address of the client.
    pub peer: IpAddr,
}

/// Record of whether a connection has carried a request with a valid signature. The server closes connections without
/// one first when it runs out of places.
#[derive(Clone, Debug, Default)]
pub struct Standing(Arc<AtomicBool>);

impl Standing {
    /// Records a request with a valid signature.
    pub fn note_signed(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether a request with a valid signature has arrived.
    pub fn is_signed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
