//! Passphrases: where they come from, and how one is asked for.

use std::io;
use std::path::PathBuf;

use strongroom_keys::{Passphrase, PassphraseError};

use crate::settings::{CredentialName, PassphraseFrom};
use crate::terminal::ask;

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    #[error("there is no terminal to ask for the passphrase of {of} at; {instead}")]
    NoTerminal { of: String, instead: &'static str },
    #[error("cannot ask for the passphrase of {of} at the terminal")]
    Terminal { of: String, source: io::Error },
    #[error("the two passphrases are not the same; nothing was changed")]
    Different,
    #[error(
        "the credential {name} is not to be had: systemd did not start this process with credentials \
         (LoadCredential= or LoadCredentialEncrypted= in the unit)"
    )]
    NoCredentials { name: CredentialName },
}

/// How often it is asked for at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// What exists is opened: a mistake does no harm.
    Once,
    /// Something is sealed: a mistake would shut it for good.
    Twice,
}

/// A passphrase to be had.
pub(crate) struct Question<'a> {
    /// What it opens, or shall open.
    pub(crate) of: &'a str,
    pub(crate) times: Times,
    /// What to do where there is no terminal.
    pub(crate) instead: &'static str,
}

impl Question<'_> {
    /// Reads the passphrase from where the settings say.
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
        if !self.typed("The same again: ")?.is_same_as(&new) {
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

/// Where systemd put a credential of this service.
pub(crate) fn credential(
    name: &CredentialName,
    credentials_directory: Option<&PathBuf>,
) -> Result<PathBuf, AskError> {
    let directory = credentials_directory.ok_or_else(|| AskError::NoCredentials { name: name.clone() })?;
    Ok(directory.join(name.as_ref()))
}
