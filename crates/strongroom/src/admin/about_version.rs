//! Version of an object in the rows of jobs.

use serde::{Deserialize, Serialize};

/// A version of an object with a description of its problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AboutVersion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: String,
    pub(crate) what: String,
}
