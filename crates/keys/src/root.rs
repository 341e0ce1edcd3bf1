//! The root key, which encrypts the keys of a keyring and is stored elsewhere.

use crate::kms::error::KmsError;
use crate::passphrase::{Derivation, Passphrase};
use crate::root::error::RootError;
use crate::root::key_file::{read, read_credential, read_or_create};
use crate::root::kind::RootKind;
use crate::root::record::{Root, RootRecord};
use crate::root::wrapper::RootWrapper;
use std::path::PathBuf;
use std::sync::Arc;
use strongroom_seal::keyring::Fingerprint;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random};

pub(crate) mod error;
pub(crate) mod key_file;
pub(crate) mod kind;
mod pkcs11;
pub(crate) mod record;
pub(crate) mod wrapper;

pub use pkcs11::{Token, TokenSettings};

/// Source of the root key.
pub enum RootSource {
    /// A file of 32 bytes that only its owner may read. Created together with a new keyring if it does not exist.
    File(PathBuf),
    /// A file of 32 bytes that systemd passes to a service as a credential.
    Credential(PathBuf),
    /// A passphrase from which the root key is derived.
    Passphrase(Passphrase),
    /// A key management service or a token whose key, which never leaves it, unwraps the root key.
    Wrapped(Arc<dyn RootWrapper>),
}

impl RootSource {
    /// Returns the kind of this source.
    pub fn kind(&self) -> RootKind {
        match self {
            Self::File(_) | Self::Credential(_) => RootKind::Key,
            Self::Passphrase(_) => RootKind::Passphrase,
            Self::Wrapped(by) => by.kind(),
        }
    }

    /// Returns the root key for a keyring that is newly sealed; generates it where needed.
    pub(crate) async fn establish(&self, random: &dyn Random) -> Result<Root, RootError> {
        match self {
            Self::File(path) => Root::of_key(read_or_create(path, random)?),
            Self::Credential(path) => Root::of_key(read_credential(path)?),
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
                let wrapped = by
                    .wrap(&key)
                    .await
                    .map_err(|error| wrapper_error(by.kind(), error))?;
                let record = match by.kind() {
                    RootKind::Pkcs11 => RootRecord::Pkcs11 { fingerprint, wrapped },
                    _ => RootRecord::Kms { fingerprint, wrapped },
                };
                Ok(Root { record, key })
            }
        }
    }

    /// Returns the root key described by `record`.
    pub(crate) async fn recover(&self, record: &RootRecord) -> Result<Root, RootError> {
        let key = match (self, record) {
            (Self::File(path), RootRecord::Key { .. }) => read(path)?,
            (Self::Credential(path), RootRecord::Key { .. }) => read_credential(path)?,
            (Self::Passphrase(passphrase), RootRecord::Passphrase { argon2id, .. }) => {
                passphrase.key(argon2id)?
            }
            (Self::Wrapped(by), RootRecord::Kms { wrapped, .. } | RootRecord::Pkcs11 { wrapped, .. })
                if by.kind() == record.kind() =>
            {
                let key = by.unwrap(wrapped).await;
                key.map_err(|error| wrapper_error(by.kind(), error))?
            }
            _ => {
                return Err(RootError::OtherKind {
                    sealed_by: record.kind(),
                    given: self.kind(),
                });
            }
        };
        Root::matching(key, record)
    }
}

fn wrapper_error(kind: RootKind, error: KmsError) -> RootError {
    match kind {
        RootKind::Pkcs11 => RootError::Token(error),
        _ => RootError::Kms(error),
    }
}
