//! The source of the root key, made from the settings.

use std::path::{Path, PathBuf};

use strongroom_keys::{ROOT_FILE, RootSource};

use crate::passphrase::{AskError, Question, Times, credential};
use crate::settings::{PassphraseFrom, Root, Settings};
use crate::shell::quoted;

/// Where the root key of the settings' keyring comes from. A passphrase is asked for here.
pub(crate) fn source(settings: &Settings, times: Times) -> Result<RootSource, AskError> {
    of(
        &settings.root,
        &settings.keyring,
        settings.credentials_directory.as_ref(),
        times,
    )
}

/// Where a root key of `keyring` comes from.
pub(crate) fn of(
    root: &Root,
    keyring: &Path,
    credentials_directory: Option<&PathBuf>,
    times: Times,
) -> Result<RootSource, AskError> {
    Ok(match root {
        Root::File(path) => RootSource::File(path.clone()),
        Root::Credential(name) => RootSource::Credential(credential(name, credentials_directory)?),
        Root::Passphrase(from) => {
            let question = Question {
                of: &format!("the keyring {}", keyring.display()),
                times,
                instead: "set root.passphrase_file or root.passphrase_credential",
            };
            RootSource::Passphrase(question.answer(from, credentials_directory)?)
        }
    })
}

/// The flags that lead commands to the root key of `keyring`, each with a space before it; none where it lies by default.
pub(crate) fn flags(root: &Root, keyring: &Path) -> String {
    let path = |path: &Path| quoted(&path.display().to_string());
    match root {
        Root::File(file) if *file == keyring.with_file_name(ROOT_FILE) => String::new(),
        Root::File(file) => format!(" --root-file {}", path(file)),
        Root::Credential(name) => format!(" --root-source credential --root-credential {name}"),
        Root::Passphrase(from) => match from {
            PassphraseFrom::Terminal => " --root-source passphrase".to_owned(),
            PassphraseFrom::File(file) => {
                format!(" --root-source passphrase --root-passphrase-file {}", path(file))
            }
            PassphraseFrom::Credential(name) => {
                format!(" --root-source passphrase --root-passphrase-credential {name}")
            }
        },
    }
}

/// The root key in the words of a person: where it is.
pub(crate) fn told(root: &Root) -> String {
    match root {
        Root::File(path) => path.display().to_string(),
        Root::Credential(name) => format!("the systemd credential {name}"),
        Root::Passphrase(_) => "a passphrase".to_owned(),
    }
}
