//! Settings of the protocol, and the connection of a request.

use std::net::IpAddr;

/// Settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Region of the server. Signatures may be for it or for [`GLOBAL_REGION`].
    pub region: String,
    /// True if identity providers may have URLs that begin with `http://`.
    pub plain_http_issuers: bool,
}

/// Region that clients sign for when they talk to IAM, which has no regions on AWS. (AWS General Reference, "AWS
/// Identity and Access Management endpoints and quotas".)
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// Connection that a request arrived on.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// Address of the client.
    pub address: IpAddr,
    /// True if the connection is encrypted, by this server or by a trusted proxy.
    pub secure: bool,
}
