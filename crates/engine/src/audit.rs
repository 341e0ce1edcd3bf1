//! Audit events for every use of a key: who used it, for what, with which result; never the key itself.

use std::net::IpAddr;
use std::sync::Arc;
use strongroom_seal::Mode;

macro_rules! key_uses {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Kind of use of a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum KeyUse {
            $($(#[$doc])* $variant,)*
        }

        impl KeyUse {
            /// All names, as written in the audit log.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// Returns the name, as written in the audit log.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

key_uses! {
    /// A data key was wrapped because something was written.
    Wrap = "wrap",
    /// A data key was unwrapped because something was read or will be rewrapped.
    Unwrap = "unwrap",
    /// A data key was rewrapped under another key.
    Rewrap = "rewrap",
    /// A key was refused, missing, or not available.
    Refuse = "refuse",
    /// A version encrypted with a customer key replaced one that was encrypted otherwise.
    Overwrite = "overwrite",
    /// A bucket's key was rewrapped under another master key, or a key has a new version.
    Roll = "roll",
    /// A bucket's key was deleted, so that the data it encrypted is lost.
    Shred = "shred",
    /// A master key that no longer wrapped anything was deleted.
    Delete = "delete",
    /// A named key was created.
    Make = "make",
    /// A key was enabled, disabled or renamed.
    Change = "change",
    /// All keys were written to a backup.
    Export = "export",
    /// A keyring was created from a backup.
    Import = "import",
}

/// One use of a key.
#[derive(Clone, Debug)]
pub struct KeyEvent<'a> {
    /// Actor that caused the use. `None`: the server itself.
    pub actor: Option<Actor>,
    /// Kind of use.
    pub what: KeyUse,
    /// Name of the bucket.
    pub bucket: &'a str,
    /// Object key. Empty: the event concerns the bucket itself.
    pub object: &'a str,
    /// Version as named by clients, if it exists already.
    pub version: Option<String>,
    /// Encryption mode, which tells who holds the outer key.
    pub mode: Option<Mode>,
    /// Id of the outer key. Empty for customer keys, which have no recorded name.
    pub key_id: &'a str,
    /// `ok`, or the reason for a refusal.
    pub result: &'a str,
}

/// Originator of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Access key id, `anonymous`, or `operator:UID`.
    pub who: Arc<str>,
    /// Name of the operation in S3 or on the command line.
    pub operation: Arc<str>,
    /// Id of the request.
    pub request: Arc<str>,
    /// Address that the request came from.
    pub address: Option<IpAddr>,
}

tokio::task_local! {
    static ACTOR: Actor;
}

/// Runs `work` with `actor` recorded as the originator of its key uses.
pub async fn acting<F: Future>(actor: Actor, work: F) -> F::Output {
    ACTOR.scope(actor, work).await
}

/// Returns the current actor. `None`: the server itself.
pub fn actor() -> Option<Actor> {
    ACTOR.try_with(Actor::clone).ok()
}

/// Receiver of audit events.
pub trait Audit: Send + Sync + 'static {
    /// Checks that an event can be recorded. Call it before using a key.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the key must not be used.
    fn ready(&self) -> Result<(), AuditUnavailable>;

    /// Records one event. Must not block for long, because it is called before the response is sent.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: the event cannot be recorded, so the use must have no effect.
    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable>;
}

/// Error when an event cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot write the audit log")]
pub struct AuditUnavailable;

/// Audit that records nothing, for tests and for disabled audit logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAudit;

impl Audit for NoAudit {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record(&self, _: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}
