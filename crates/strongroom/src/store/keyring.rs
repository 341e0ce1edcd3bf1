//! The keyring of the settings: opened, made for a new store, brought up to date, and kept so while the server runs.

use std::io;
use std::path::{Path, PathBuf};

use strongroom_keys::{Keyring, KeyringError, RootSource};
use strongroom_seal::Random;

use crate::clock;
use crate::settings::Settings;
use crate::store::passphrase::Times;
use crate::store::root_key;

/// Why there is no keyring.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(
        "there is no keyring at {}: name the data directory with --data-dir, or the keyring with --keyring",
        .0.display()
    )]
    Missing(PathBuf),
    #[error(transparent)]
    Keyring(KeyringError),
    #[error(transparent)]
    Root(#[from] root_key::RootKeyError),
    #[error("cannot start what asks for the root key")]
    Runtime(#[from] io::Error),
}

impl From<KeyringError> for OpenError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Missing(path) => Self::Missing(path),
            other => Self::Keyring(other),
        }
    }
}

/// The keyring of a server.
pub(crate) struct Opened {
    pub(crate) keyring: Keyring,
    /// What was done to have it.
    pub(crate) origin: Origin,
}

/// How a server came by its keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was there.
    Found,
    /// It was made just now.
    Made,
    /// It was there, with its keys in clear, and was sealed just now.
    Upgraded,
}

/// Where the root key for serving comes from. Asks for a passphrase, if it is that: before the server's signals are
/// taken, so that Ctrl-C ends the asking.
pub(crate) fn root_to_serve(settings: &Settings) -> Result<RootSource, OpenError> {
    let times = if Keyring::is_sealed(&settings.keyring)? {
        Times::Once
    } else {
        Times::Twice
    };
    Ok(root_key::source(settings, times)?)
}

/// Opens the keyring to serve; one of version 1 is sealed by `root`. `None` when there is none.
pub(crate) async fn find(
    path: &Path,
    root: &RootSource,
    random: &dyn Random,
) -> Result<Option<Opened>, KeyringError> {
    let keyring = match Keyring::read_with(path, root).await {
        Err(KeyringError::Missing(_)) => return Ok(None),
        other => other?,
    };
    let origin = if keyring.upgrade(root, clock::system(), random).await? {
        Origin::Upgraded
    } else {
        Origin::Found
    };
    Ok(Some(Opened { keyring, origin }))
}

/// Makes the keyring of a new store.
pub(crate) async fn make(
    path: &Path,
    root: &RootSource,
    random: &dyn Random,
) -> Result<Opened, KeyringError> {
    let keyring = Keyring::create_with(path, root, clock::system(), random).await?;
    Ok(Opened {
        keyring,
        origin: Origin::Made,
    })
}

/// Opens the keyring to read it, whatever its version.
pub(crate) fn open(settings: &Settings) -> Result<Keyring, OpenError> {
    wait_for(read(settings))?
}

/// As [`open`], on a runtime that is there.
pub(crate) async fn read(settings: &Settings) -> Result<Keyring, OpenError> {
    if !Keyring::is_sealed(&settings.keyring)? {
        // Of version 1, or not there.
        return Ok(Keyring::read(&settings.keyring)?);
    }
    let root = root_key::source(settings, Times::Once)?;
    Ok(Keyring::read_with(&settings.keyring, &root).await?)
}

/// Opens the keyring to change it; one of version 1 is sealed first. Tells what was done.
pub(crate) fn open_to_change(settings: &Settings, random: &dyn Random) -> Result<Opened, OpenError> {
    if !settings.keyring.exists() {
        // Before anybody thinks of a passphrase for it.
        return Err(OpenError::Missing(settings.keyring.clone()));
    }
    let root = root_to_serve(settings)?;
    let found = wait_for(find(&settings.keyring, &root, random))??;
    found.ok_or_else(|| OpenError::Missing(settings.keyring.clone()))
}

/// Waits for what may have to ask a service, in a command that does nothing else.
pub(crate) fn wait_for<F: Future>(asked: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(asked))
}

/// Takes up at once what a command changed, so that the next command finds it.
///
/// # Errors
/// As [`Keyring::reload`]: the keys in use stay.
pub(crate) fn take_up(keyring: &Keyring) -> Result<(), KeyringError> {
    if keyring.reload()? {
        told_in_use(keyring);
    }
    Ok(())
}

fn told_in_use(keyring: &Keyring) {
    tracing::info!(
        current = keyring.current_id().ok(),
        "the keyring was changed: it is in use"
    );
}

/// Looks at the keyring's file again and again, and takes up what changed.
pub(crate) struct Freshness {
    /// What was said of the last failure: it is tried again and again, and told once.
    told: Option<String>,
}

impl Freshness {
    pub(crate) fn new() -> Self {
        Self { told: None }
    }

    pub(crate) fn look(&mut self, keyring: &Keyring) {
        match keyring.reload() {
            Ok(changed) => {
                if changed {
                    told_in_use(keyring);
                } else if self.told.is_some() {
                    tracing::info!("the keyring is again the one in use");
                }
                self.told = None;
            }
            Err(error) => {
                let error = error.to_string();
                if self.told.as_ref() != Some(&error) {
                    tracing::warn!(
                        error,
                        "the keys in use stay: the keyring's file cannot be taken up"
                    );
                    self.told = Some(error);
                }
            }
        }
    }
}
