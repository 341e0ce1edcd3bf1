//! What is told of every use of a key: who, for what, with which result; never the key.

use std::net::IpAddr;
use std::sync::Arc;
use strongroom_seal::Mode;

macro_rules! key_uses {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What was done with a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum KeyUse {
            $($(#[$doc])* $variant,)*
        }

        impl KeyUse {
            /// All names, as they stand in the audit log.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// As it stands in the audit log.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

key_uses! {
    /// A data key was wrapped: something was written.
    Wrap = "wrap",
    /// A data key was unwrapped: something was read, or is to be wrapped anew.
    Unwrap = "unwrap",
    /// A data key was wrapped anew, under another key.
    Rewrap = "rewrap",
    /// A key was refused, missing, or could not be had.
    Refuse = "refuse",
    /// A version under a customer's key took the place of one that was encrypted otherwise.
    Overwrite = "overwrite",
    /// A bucket's key was wrapped by another master key, or a key has a new version.
    Roll = "roll",
    /// A bucket's key was dropped: what it sealed is gone.
    Shred = "shred",
    /// A master key that wrapped nothing any more was deleted.
    Delete = "delete",
    /// A named key was made.
    Make = "make",
    /// A key was enabled, disabled or renamed.
    Change = "change",
    /// All keys were written into a backup.
    Export = "export",
    /// A keyring was made of a backup.
    Import = "import",
}

/// One use of a key.
#[derive(Clone, Debug)]
pub struct KeyEvent<'a> {
    /// Who made the server use it; none: the server itself.
    pub actor: Option<Actor>,
    /// What was done.
    pub what: KeyUse,
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object key; empty for the bucket itself.
    pub object: &'a str,
    /// The version, as clients name it, where there is one already.
    pub version: Option<String>,
    /// Who holds the outer key.
    pub mode: Option<Mode>,
    /// The outer key's id; empty for a customer's, which is named nowhere.
    pub key_id: &'a str,
    /// `ok`, or why not.
    pub result: &'a str,
}

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

/// Hears of every use of a key.
pub trait Audit: Send + Sync + 'static {
    /// Whether a use that is about to be made can be noted.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: it must not be made.
    fn ready(&self) -> Result<(), AuditUnavailable>;

    /// Takes note of one use. Must not block for long: this is called on the way to the answer.
    ///
    /// # Errors
    /// [`AuditUnavailable`]: it cannot be noted, so nothing must come of it.
    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable>;
}

/// A use of a key cannot be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log cannot be written")]
pub struct AuditUnavailable;

/// Takes no notes: for tests, and for who does not want any.
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
