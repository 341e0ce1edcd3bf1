//! A root key, and its description in a keyring's file.

use crate::passphrase::Derivation;
use crate::root::error::RootError;
use crate::root::kind::RootKind;
use crate::root::wrapper::WrappedRoot;
use serde::{Deserialize, Serialize};
use strongroom_seal::OuterKey;
use strongroom_seal::keyring::Fingerprint;

/// A root key and its description.
pub(crate) struct Root {
    pub(crate) record: RootRecord,
    pub(crate) key: OuterKey,
}

/// Description of the root key in a keyring's file. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum RootRecord {
    Key {
        #[serde(with = "hex::serde")]
        fingerprint: [u8; 8],
    },
    Passphrase {
        #[serde(with = "hex::serde")]
        fingerprint: [u8; 8],
        argon2id: Derivation,
    },
    Kms {
        #[serde(with = "hex::serde")]
        fingerprint: [u8; 8],
        wrapped: WrappedRoot,
    },
    Pkcs11 {
        #[serde(with = "hex::serde")]
        fingerprint: [u8; 8],
        wrapped: WrappedRoot,
    },
}

impl RootRecord {
    pub(crate) fn kind(&self) -> RootKind {
        match self {
            Self::Key { .. } => RootKind::Key,
            Self::Passphrase { .. } => RootKind::Passphrase,
            Self::Kms { .. } => RootKind::Kms,
            Self::Pkcs11 { .. } => RootKind::Pkcs11,
        }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let (Self::Key { fingerprint }
        | Self::Passphrase { fingerprint, .. }
        | Self::Kms { fingerprint, .. }
        | Self::Pkcs11 { fingerprint, .. }) = self;
        Fingerprint::from_bytes(*fingerprint)
    }
}

impl Root {
    /// Describes a root key in a file or credential.
    pub(crate) fn of_key(key: OuterKey) -> Result<Self, RootError> {
        let fingerprint = *Fingerprint::of(&key)?.as_bytes();
        Ok(Self {
            record: RootRecord::Key { fingerprint },
            key,
        })
    }

    /// Checks that `key` is the one that `record` describes.
    pub(crate) fn matching(key: OuterKey, record: &RootRecord) -> Result<Self, RootError> {
        let (sealed_by, given) = (record.fingerprint(), Fingerprint::of(&key)?);
        match record {
            _ if sealed_by == given => Ok(Self {
                record: record.clone(),
                key,
            }),
            RootRecord::Passphrase { .. } => Err(RootError::OtherPassphrase(sealed_by)),
            _ => Err(RootError::OtherKey { sealed_by, given }),
        }
    }
}
