//! Errors of root keys.

use crate::kms::error::KmsError;
use crate::passphrase::PassphraseError;
use crate::root::kind::RootKind;
use std::path::PathBuf;
use strongroom_seal::keyring::Fingerprint;

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
    #[error("the root key is not to be had: {}", token_message(.0))]
    Token(KmsError),
    /// No randomness.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}

/// What a token says, in words that do not speak of a service.
fn token_message(error: &KmsError) -> String {
    match error {
        KmsError::NotFound(key) => format!("the PKCS#11 token has no key {key:?}"),
        KmsError::InvalidState(key) => format!("the key {key:?} of the PKCS#11 token is not for this"),
        KmsError::Refused(key) => format!("the key {key:?} of the PKCS#11 token does not open it"),
        KmsError::Unavailable(why) => why.to_string(),
        other => other.to_string(),
    }
}
