//! Endpoint of a server.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Endpoint of a server, with all that clients need to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// URL for clients on the same machine. `None`: unknown.
    pub(crate) here: Option<String>,
    /// URLs for clients on other machines.
    pub(crate) elsewhere: Vec<String>,
    /// CA file that clients must trust, if any.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) region: String,
}
