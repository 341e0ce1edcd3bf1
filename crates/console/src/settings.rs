//! Settings of the console.

use std::time::Duration;

/// Settings of the console.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Time without a request after which a session ends.
    pub idle: Duration,
    /// Time after which a session ends in any case.
    pub longest: Duration,
    /// Region of the buckets, for policies and for lines to copy.
    pub region: String,
    /// URL of the S3 endpoint, for lines to copy. `None`: the server serves no S3 over HTTPS.
    pub endpoint: Option<String>,
}
