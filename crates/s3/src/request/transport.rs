//! How a request came.

use std::net::IpAddr;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Nobody could read it on its way.
    pub secure: bool,
    /// It was made on this machine.
    pub local: bool,
    /// Who it came from.
    pub peer: IpAddr,
}
