//! Audit events for every use of a key: who used it, for what, with which result; never the key itself.

use strongroom_seal::Mode;

use crate::actor::Actor;

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

/// One change of accounts, users, groups, roles, access keys or policies, or the refusal of one.
#[derive(Clone, Debug)]
pub struct IdentityChange<'a> {
    /// Actor that requested it. `None`: the server itself.
    pub actor: Option<Actor>,
    /// Id of the account that it concerns.
    pub account: &'a str,
    /// ARN of the caller. Empty: an operator.
    pub principal: &'a str,
    /// ARN of the entity, or its id.
    pub entity: &'a str,
    /// `ok`, or the code of the error.
    pub result: &'a str,
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
    /// Encryption mode, which identifies the holder of the outer key.
    pub mode: Option<Mode>,
    /// Id of the outer key. Empty for customer keys, which have no recorded name.
    pub key_id: &'a str,
    /// `ok`, or the reason for a refusal.
    pub result: &'a str,
}
