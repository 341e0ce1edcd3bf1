//! The source of the root key, made from the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom_keys::kms::{KmsError, SetupError};
use strongroom_keys::{KmsRoot, RootKind, RootSource, Token};
use strongroom_seal::SystemRandom;

use super::key_service;
use super::passphrase::{AskError, Question, Times, credential};
use crate::settings::{KmsSettings, Root, Settings};

/// Why there is no source of the root key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootKeyError {
    #[error(transparent)]
    Passphrase(#[from] AskError),
    #[error("the key management service of the root key cannot be set up: {0}")]
    Kms(#[from] SetupError),
    #[error("the root key is not to be had: {0}")]
    NoService(#[from] KmsError),
}

/// Where the root key of the settings' keyring comes from. A passphrase is asked for here.
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

/// Where a root key of `keyring` comes from. `instead` is what to do where a passphrase cannot be asked for.
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

/// The root key in the words of a person: where it is.
pub(crate) fn told(root: &Root) -> String {
    match root {
        Root::File(path) => path.display().to_string(),
        Root::Credential(name) => format!("the systemd credential {name}"),
        Root::Passphrase(_) => "a passphrase".to_owned(),
        Root::Token(token) => format!("wrapped by {} in a PKCS#11 token", token.key),
        Root::Kms(key) => format!("wrapped by {key} of the key management service"),
    }
}
