//! Properties of the connection of a request.

use std::net::IpAddr;

/// Properties of the connection of a request.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// Address of the client.
    pub address: IpAddr,
    /// True if nobody on the network could read the request.
    pub secure: bool,
}
