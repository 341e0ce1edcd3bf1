//! The operator, who is the actor of commands.

use strongroom_audit::Actor;

use super::protocol::Job;

/// Returns the actor for key uses of a command.
pub(super) fn operator(uid: u32, job: &Job) -> Actor {
    Actor {
        who: format!("operator:{uid}").into(),
        operation: job.name().into(),
        request: "".into(),
        address: None,
    }
}
