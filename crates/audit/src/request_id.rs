//! Ids of requests.

use std::fmt;
use strongroom_seal::Random;

/// Id of a request, in its response, the log and the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId([u8; 8]);

impl RequestId {
    /// Returns a new id.
    pub fn new(random: &dyn Random) -> Self {
        let mut id = [0; 8];
        // Without randomness ids repeat. Nothing else depends on them.
        let _ = random.fill(&mut id);
        Self(id)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}
