//! The actor that a use of a key is recorded for.

use std::net::IpAddr;
use std::sync::Arc;

/// Who asked for what is being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The access key's id, `anonymous`, or `operator:UID`.
    pub who: Arc<str>,
    /// The operation, as S3 or the command line names it.
    pub operation: Arc<str>,
    /// The request's id.
    pub request: Arc<str>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

tokio::task_local! {
    static ACTOR: Actor;
}

/// Does `work` in the name of `actor`: what it makes of keys is told so.
pub async fn acting<F: Future>(actor: Actor, work: F) -> F::Output {
    ACTOR.scope(actor, work).await
}

/// Who is acting; none: the server itself.
pub fn actor() -> Option<Actor> {
    ACTOR.try_with(Actor::clone).ok()
}
