//! What is told of every use of a key: who, for what, with which result; never the key.

use strongroom_seal::Mode;

use crate::actor::Actor;

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
