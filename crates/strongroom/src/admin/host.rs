//! The process that does jobs.

use super::endpoint::Endpoint;
use super::operator::Operator;
use crate::store::open::Core;

/// Process that does jobs: a server, or a command on a store that no server has open.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) core: Core,
    /// The server's endpoint. `None`: the process is that of a command.
    pub(crate) endpoint: Option<Endpoint>,
}

impl Host {
    /// Returns the same process, with an engine that records the operator's command as the originator of its key uses.
    pub(super) fn acting_as(&self, operator: Operator, command: &str) -> Self {
        Self {
            core: self.core.acting_as(operator.actor(command)),
            endpoint: self.endpoint.clone(),
        }
    }
}
