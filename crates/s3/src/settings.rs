//! Settings of the protocol.

/// How the protocol is spoken.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The region's name; requests must be signed for it.
    pub region: String,
    /// Host names whose subdomains are buckets (virtual-host style).
    pub hosts: Vec<String>,
    /// What HEAD answers without the key that an object needs.
    pub head_without_key: HeadWithoutKey,
    /// Where customer keys are taken over clear text.
    pub cleartext: Cleartext,
}

/// What HEAD answers without the key that an object needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadWithoutKey {
    /// 404, as `StorageGRID`.
    NotFound,
    /// 400, as AWS.
    BadRequest,
}

/// Where customer keys are taken over clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleartext {
    /// From this machine only.
    Loopback,
    /// Nowhere.
    Never,
    /// Everywhere.
    Always,
}
