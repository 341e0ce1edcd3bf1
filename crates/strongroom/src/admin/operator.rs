//! The operator, who is the actor of commands.

use strongroom_audit::Actor;

/// Operator, identified by the user of the operating system who runs the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) uid: u32,
}

impl Operator {
    /// Returns the actor for key uses of a command.
    pub(super) fn actor(self, command: &str) -> Actor {
        Actor {
            who: format!("operator:{}", self.uid).into(),
            operation: command.into(),
            request: "".into(),
            address: None,
        }
    }
}
