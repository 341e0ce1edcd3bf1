//! Settings of the protocol.

use std::num::NonZeroU32;
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
    /// Limits of all requests together.
    pub all_requests: RequestLimits,
    /// Limits of the requests of an account, where its quota has none.
    pub account_requests: RequestLimits,
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

/// Limits of requests. `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestLimits {
    /// Maximum number of requests per second; as many may arrive at once after a pause.
    pub per_second: Option<NonZeroU32>,
    /// Maximum number of requests at the same time.
    pub at_once: Option<NonZeroU32>,
}

impl RequestLimits {
    /// Returns these limits, with those of `defaults` where there are none.
    pub(crate) fn or(self, defaults: Self) -> Self {
        Self {
            per_second: self.per_second.or(defaults.per_second),
            at_once: self.at_once.or(defaults.at_once),
        }
    }

    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}
