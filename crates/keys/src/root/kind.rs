//! Kinds of root keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a root key is kept by. A file and a credential hold the same 32 bytes, so that one can become the other without
/// the keyring being sealed anew.
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
