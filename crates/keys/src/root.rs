//! The root key: the one that seals the keys of a keyring, and lies elsewhere.

use crate::kms::KmsError;
use crate::passphrase::{Derivation, Passphrase, PassphraseError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use strongroom_seal::keyring::Fingerprint;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random};

mod key_file;
mod pkcs11;
mod wrapper;

pub(crate) use key_file::{make_or_read, read};
pub use pkcs11::{Token, TokenSettings};
pub use wrapper::{KmsRoot, RootWrapper, WrappedRoot};

/// Where the root key comes from.
pub enum RootSource {
    /// A file of 32 bytes that only its owner may read. It is made for a new keyring, if it is not there.
    File(PathBuf),
    /// A file of 32 bytes that systemd hands to a service as a credential.
    Credential(PathBuf),
    /// A passphrase, from which the root key is derived.
    Passphrase(Passphrase),
    /// A key management service or a token, which keeps a key that never leaves it and unwraps the root key.
    Wrapped(Arc<dyn RootWrapper>),
}

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

/// Why there is no root key, or not the right one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// Its file is not there.
    #[error(
        "there is no root key at {}; put it back from your copy, name its place with --root-file, or bring the keyring \
         back from a backup: strongroom keys import-backup",
        .0.display()
    )]
    Missing(PathBuf),
    /// Others than the owner may read its file.
    #[error("the root key {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Its file is not a key.
    #[error("the root key {} must be 32 random bytes, neither fewer nor more", .0.display())]
    Length(PathBuf),
    /// Its file could not be read or made.
    #[error("the root key {} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no passphrase, or none to use.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The keyring is sealed by something else than what was given.
    #[error("it is sealed by {sealed_by}, and root.source names {given}")]
    OtherKind {
        /// What seals the keyring.
        sealed_by: RootKind,
        /// What was given.
        given: RootKind,
    },
    /// The keyring is sealed by another root key.
    #[error("it is sealed by the root key with fingerprint {sealed_by}, and the one given has {given}")]
    OtherKey {
        /// The one that seals the keyring.
        sealed_by: Fingerprint,
        /// The one given.
        given: Fingerprint,
    },
    /// The passphrase is another one. The fingerprint of what was typed is not told: it is close to the right one.
    #[error("the passphrase is not the one it is sealed by (fingerprint {0})")]
    OtherPassphrase(Fingerprint),
    /// The service did not unwrap, or wrap, the root key.
    #[error("the root key is not to be had: {0}")]
    Kms(KmsError),
    /// The token did not unwrap, or wrap, the root key.
    #[error("the root key is not to be had: {}", pkcs11::told(.0))]
    Token(KmsError),
    /// No randomness.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}

/// A root key and how it is found again.
pub(crate) struct Root {
    pub(crate) record: RootRecord,
    pub(crate) key: OuterKey,
}

/// What a keyring's file says of its root key. Holds no secret.
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

impl RootSource {
    /// What this source is.
    pub fn kind(&self) -> RootKind {
        match self {
            Self::File(_) | Self::Credential(_) => RootKind::Key,
            Self::Passphrase(_) => RootKind::Passphrase,
            Self::Wrapped(by) => by.kind(),
        }
    }

    /// The root key for something that is sealed from now on.
    pub(crate) async fn establish(&self, random: &dyn Random) -> Result<Root, RootError> {
        match self {
            Self::File(path) => Root::of_key(make_or_read(path, random)?),
            Self::Credential(path) => Root::of_key(key_file::read_credential(path)?),
            Self::Passphrase(passphrase) => {
                passphrase.must_be_long()?;
                let argon2id = Derivation::new(random)?;
                let key = passphrase.key(&argon2id)?;
                let fingerprint = *Fingerprint::of(&key)?.as_bytes();
                let record = RootRecord::Passphrase {
                    fingerprint,
                    argon2id,
                };
                Ok(Root { record, key })
            }
            Self::Wrapped(by) => {
                let key = OuterKey::generate(random)?;
                let fingerprint = *Fingerprint::of(&key)?.as_bytes();
                let wrapped = by.wrap(&key).await.map_err(|error| not_had(by.kind(), error))?;
                let record = match by.kind() {
                    RootKind::Pkcs11 => RootRecord::Pkcs11 { fingerprint, wrapped },
                    _ => RootRecord::Kms { fingerprint, wrapped },
                };
                Ok(Root { record, key })
            }
        }
    }

    /// The root key that `record` tells of.
    pub(crate) async fn recover(&self, record: &RootRecord) -> Result<Root, RootError> {
        let key = match (self, record) {
            (Self::File(path), RootRecord::Key { .. }) => read(path)?,
            (Self::Credential(path), RootRecord::Key { .. }) => key_file::read_credential(path)?,
            (Self::Passphrase(passphrase), RootRecord::Passphrase { argon2id, .. }) => {
                passphrase.key(argon2id)?
            }
            (Self::Wrapped(by), RootRecord::Kms { wrapped, .. } | RootRecord::Pkcs11 { wrapped, .. })
                if by.kind() == record.kind() =>
            {
                let key = by.unwrap(wrapped).await;
                key.map_err(|error| not_had(by.kind(), error))?
            }
            _ => {
                return Err(RootError::OtherKind {
                    sealed_by: record.kind(),
                    given: self.kind(),
                });
            }
        };
        Root::fitting(key, record)
    }
}

impl Root {
    /// A root key that lies in a file or credential.
    pub(crate) fn of_key(key: OuterKey) -> Result<Self, RootError> {
        let fingerprint = *Fingerprint::of(&key)?.as_bytes();
        Ok(Self {
            record: RootRecord::Key { fingerprint },
            key,
        })
    }

    /// `key` as the one that `record` tells of, if it is that one.
    pub(crate) fn fitting(key: OuterKey, record: &RootRecord) -> Result<Self, RootError> {
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

fn not_had(kind: RootKind, error: KmsError) -> RootError {
    match kind {
        RootKind::Pkcs11 => RootError::Token(error),
        _ => RootError::Kms(error),
    }
}
