//! Builds the source of the root key from the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom_keys::kms::{KmsError, SetupError};
use strongroom_keys::{KmsRoot, RootKind, RootSource, Token};
use strongroom_seal::SystemRandom;

use super::key_service;
use super::passphrase::{AskError, Question, Times, credential};
use crate::settings::{KmsSettings, Root, Settings};

/// Reasons why there is no source of the root key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootKeyError {
    #[error(transparent)]
    Passphrase(#[from] AskError),
    #[error("cannot set up the key management service of the root key: {0}")]
    Kms(#[from] SetupError),
    #[error("the root key is not available: {0}")]
    NoService(#[from] KmsError),
}

/// Returns the source of the root key of the settings' keyring. Asks for the passphrase, if the source is one.
pub(crate) fn source(settings: &Settings, times: Times) -> Result<RootSource, RootKeyError> {
    of(
        &settings.root,
        &settings.kms,
        &settings.keyring,
        settings.credentials_directory.as_ref(),
        times,
        "set root.passphrase_file or root.passphrase_credential",
    )
}

/// Returns the source of a root key of `keyring`. `instead` tells the user what to do if there is no terminal to ask
/// for a passphrase.
pub(crate) fn of(
    root: &Root,
    kms: &KmsSettings,
    keyring: &Path,
    credentials_directory: Option<&PathBuf>,
    times: Times,
    instead: &'static str,
) -> Result<RootSource, RootKeyError> {
    Ok(match root {
        Root::File(path) => RootSource::File(path.clone()),
        Root::Credential(name) => RootSource::Credential(credential(name, credentials_directory)?),
        Root::Passphrase(from) => {
            let question = Question {
                of: &format!("the keyring {}", keyring.display()),
                times,
                instead,
            };
            RootSource::Passphrase(question.answer(from, credentials_directory)?)
        }
        Root::Token(token) => {
            let random = Arc::new(SystemRandom::default());
            RootSource::Wrapped(Arc::new(Token::new(token.clone(), random)))
        }
        Root::Kms(key) => {
            let service = key_service::elsewhere(kms, Arc::new(SystemRandom::default()))?;
            let service = service.ok_or(KmsError::NoService)?;
            RootSource::Wrapped(Arc::new(KmsRoot::new(service, key.clone(), RootKind::Kms)))
        }
    })
}

/// Returns the location of the root key for display.
pub(crate) fn describe(root: &Root) -> String {
    match root {
        Root::File(path) => path.display().to_string(),
        Root::Credential(name) => format!("the systemd credential {name}"),
        Root::Passphrase(_) => "a passphrase".to_owned(),
        Root::Token(token) => format!("wrapped by {} in a PKCS#11 token", token.key),
        Root::Kms(key) => format!("wrapped by {key} of the key management service"),
    }
}
