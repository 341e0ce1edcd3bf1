//! Passphrases: their sources, and the prompt for one.

use std::io;
use std::path::PathBuf;

use strongroom_keys::{Passphrase, PassphraseError};

use crate::settings::{CredentialName, PassphraseFrom};
use crate::terminal::ask;

/// Reasons why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    #[error("there is no terminal to read the passphrase of {of} from; {instead}")]
    NoTerminal { of: String, instead: &'static str },
    #[error("cannot read the passphrase of {of} from the terminal")]
    Terminal { of: String, source: io::Error },
    #[error("the two passphrases differ; nothing was changed")]
    Different,
    #[error(
        "the credential {name} is not available: systemd did not start this process with credentials; set \
         LoadCredential= or LoadCredentialEncrypted= in the unit"
    )]
    NoCredentials { name: CredentialName },
}

/// Number of times that the terminal prompts for the passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// The passphrase decrypts something: a mistake does no harm.
    Once,
    /// The passphrase encrypts something: a mistake would make it unreadable for good.
    Twice,
}

/// Request for a passphrase.
pub(crate) struct Question<'a> {
    /// Object that the passphrase protects.
    pub(crate) of: &'a str,
    pub(crate) times: Times,
    /// Instruction for the case that there is no terminal.
    pub(crate) instead: &'static str,
}

impl Question<'_> {
    /// Reads the passphrase from the source that the settings name.
    pub(crate) fn answer(
        &self,
        from: &PassphraseFrom,
        credentials_directory: Option<&PathBuf>,
    ) -> Result<Passphrase, AskError> {
        match from {
            PassphraseFrom::Terminal => self.ask(),
            PassphraseFrom::File(path) => Ok(Passphrase::read(path)?),
            PassphraseFrom::Credential(name) => {
                let path = credential(name, credentials_directory)?;
                Ok(Passphrase::read_credential(&path)?)
            }
        }
    }

    fn ask(&self) -> Result<Passphrase, AskError> {
        if self.times == Times::Once {
            return self.typed(&format!("Passphrase of {}: ", self.of));
        }
        let new = self.typed(&format!("New passphrase of {}: ", self.of))?;
        new.must_be_long()?;
        if !self.typed("Repeat the new passphrase: ")?.is_same_as(&new) {
            return Err(AskError::Different);
        }
        Ok(new)
    }

    fn typed(&self, prompt: &str) -> Result<Passphrase, AskError> {
        let of = || self.of.to_owned();
        let line = ask::ask_in_secret(prompt).map_err(|source| AskError::Terminal { of: of(), source })?;
        let line = line.ok_or_else(|| AskError::NoTerminal {
            of: of(),
            instead: self.instead,
        })?;
        Ok(Passphrase::new(line)?)
    }
}

/// Returns the path of a systemd credential of this service.
pub(crate) fn credential(
    name: &CredentialName,
    credentials_directory: Option<&PathBuf>,
) -> Result<PathBuf, AskError> {
    let directory = credentials_directory.ok_or_else(|| AskError::NoCredentials { name: name.clone() })?;
    Ok(directory.join(name.as_ref()))
}
