//! Actor recorded for a use of a key.

use std::net::IpAddr;
use std::sync::Arc;

/// Originator of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Access key id, `anonymous`, or `operator:UID`.
    pub who: Arc<str>,
    /// Name of the operation in S3 or on the command line.
    pub operation: Arc<str>,
    /// Id of the request.
    pub request: Arc<str>,
    /// Address that the request came from.
    pub address: Option<IpAddr>,
}
