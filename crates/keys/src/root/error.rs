//! Errors of root keys.

use crate::kms::error::KmsError;
use crate::passphrase::PassphraseError;
use crate::root::kind::RootKind;
use std::path::PathBuf;
use strongroom_seal::keyring::Fingerprint;

/// Reason why there is no root key, or not the right one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// The file of the root key does not exist.
    #[error(
        "there is no root key at {}; restore it from your copy, give its path with --root-file, or recreate the \
         keyring from a backup: strongroom keys import-backup",
        .0.display()
    )]
    Missing(PathBuf),
    /// Users other than the owner may read the file of the root key.
    #[error(
        "the root key {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}",
        path = path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not contain a key.
    #[error("the root key {} must be exactly 32 random bytes", .0.display())]
    Length(PathBuf),
    /// The file could not be read or created.
    #[error("the root key {} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The passphrase could not be used.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The keyring is sealed by another kind of root key.
    #[error("it is sealed by {sealed_by}, but root.source names {given}")]
    OtherKind {
        /// Kind of root key that seals the keyring.
        sealed_by: RootKind,
        /// Kind of the given root key.
        given: RootKind,
    },
    /// The keyring is sealed by another root key.
    #[error("it is sealed by the root key with fingerprint {sealed_by}, but the given one has {given}")]
    OtherKey {
        /// Fingerprint of the root key that seals the keyring.
        sealed_by: Fingerprint,
        /// Fingerprint of the given root key.
        given: Fingerprint,
    },
    /// The passphrase is wrong. The fingerprint of the typed one is not shown, as it is likely close to the right one.
    #[error("the passphrase is wrong (the root key has fingerprint {0})")]
    OtherPassphrase(Fingerprint),
    /// The service did not wrap or unwrap the root key.
    #[error("the root key is not available: {0}")]
    Kms(KmsError),
    /// The token did not wrap or unwrap the root key.
    #[error("the root key is not available: {}", token_message(.0))]
    Token(KmsError),
    /// There is no randomness.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}

/// Words the error of a token, without reference to a service.
fn token_message(error: &KmsError) -> String {
    match error {
        KmsError::NotFound(key) => format!("the PKCS#11 token has no key {key:?}"),
        KmsError::InvalidState(key) => {
            format!("the key {key:?} of the PKCS#11 token cannot be used for this")
        }
        KmsError::Refused(key) => format!("the key {key:?} of the PKCS#11 token does not unwrap it"),
        KmsError::Unavailable(why) => why.to_string(),
        other => other.to_string(),
    }
}
