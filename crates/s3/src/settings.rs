//! Settings of the protocol.

use std::time::Duration;

/// Settings of the protocol.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the region. Requests must be signed for it.
    pub region: String,
    /// Host names whose subdomains are buckets (virtual-host style).
    pub hosts: Vec<String>,
    /// Response to a HEAD without the customer key that the object needs.
    pub head_without_key: HeadWithoutKey,
    /// Connections over which customer keys are accepted in clear text.
    pub cleartext: Cleartext,
    /// Memory that all requests and responses together may hold in buffers, in bytes.
    pub buffers: usize,
    /// Maximum duration of a download.
    pub longest_read: Duration,
}

/// Response to a HEAD without the customer key that the object needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadWithoutKey {
    /// 404, like `StorageGRID`.
    NotFound,
    /// 400, like AWS.
    BadRequest,
}

/// Connections over which customer keys are accepted in clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleartext {
    /// Connections from this machine.
    Loopback,
    /// None: customer keys need TLS.
    Never,
    /// All.
    Always,
}
