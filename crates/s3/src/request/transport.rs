//! The connection that a request arrived on.

use std::net::IpAddr;

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
