//! Kinds of root keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Kind of a root key. A file and a credential contain the same 32 bytes, so that one can replace the other without
/// resealing the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RootKind {
    /// A file or a credential.
    Key,
    /// A passphrase.
    Passphrase,
    /// A key management service.
    Kms,
    /// A PKCS#11 token.
    Pkcs11,
}

impl fmt::Display for RootKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "a root key in a file or credential",
            Self::Passphrase => "a passphrase",
            Self::Kms => "a key management service",
            Self::Pkcs11 => "a PKCS#11 token",
        })
    }
}
