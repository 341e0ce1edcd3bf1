//! The keyring of the settings: opened, created for a new store, upgraded, and kept up to date while the server runs.

use std::io;
use std::path::{Path, PathBuf};

use strongroom_keys::{Keyring, KeyringError, RootSource};
use strongroom_seal::Random;

use crate::clock;
use crate::settings::Settings;
use crate::store::passphrase::Times;
use crate::store::root_key;

/// Errors opening the keyring.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(
        "there is no keyring at {}: set the data directory with --data-dir, or the keyring with --keyring",
        .0.display()
    )]
    Missing(PathBuf),
    #[error(transparent)]
    Keyring(KeyringError),
    #[error(transparent)]
    Root(#[from] root_key::RootKeyError),
    #[error("cannot start the runtime that fetches the root key")]
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

/// Keyring of a server.
pub(crate) struct Opened {
    pub(crate) keyring: Keyring,
    /// Origin of the keyring.
    pub(crate) origin: Origin,
}

/// Origin of a server's keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It existed.
    Found,
    /// It was created just now.
    Created,
    /// It existed with its keys in clear and was encrypted just now.
    Upgraded,
}

/// Returns the source of the root key for serving. Asks for a passphrase, if the source is one, before the server
/// handles signals, so that Ctrl-C ends the prompt.
pub(crate) fn root_to_serve(settings: &Settings) -> Result<RootSource, OpenError> {
    let times = if Keyring::is_sealed(&settings.keyring)? {
        Times::Once
    } else {
        Times::Twice
    };
    Ok(root_key::source(settings, times)?)
}

/// Opens the keyring to serve; a version 1 keyring is encrypted with `root`. `None`: there is no keyring.
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

/// Creates the keyring of a new store.
pub(crate) async fn create(
    path: &Path,
    root: &RootSource,
    random: &dyn Random,
) -> Result<Opened, KeyringError> {
    let keyring = Keyring::create_with(path, root, clock::system(), random).await?;
    Ok(Opened {
        keyring,
        origin: Origin::Created,
    })
}

/// Opens a keyring of any version for reading.
pub(crate) fn open(settings: &Settings) -> Result<Keyring, OpenError> {
    wait_for(read(settings))?
}

/// Does the same as [`open`] on an existing runtime.
pub(crate) async fn read(settings: &Settings) -> Result<Keyring, OpenError> {
    if !Keyring::is_sealed(&settings.keyring)? {
        // The keyring has version 1 or does not exist.
        return Ok(Keyring::read(&settings.keyring)?);
    }
    let root = root_key::source(settings, Times::Once)?;
    Ok(Keyring::read_with(&settings.keyring, &root).await?)
}

/// Opens the keyring to change it; a version 1 keyring is encrypted first. The result says which of the two happened.
pub(crate) fn open_to_change(settings: &Settings, random: &dyn Random) -> Result<Opened, OpenError> {
    if !settings.keyring.exists() {
        // Return before the user is asked for a passphrase.
        return Err(OpenError::Missing(settings.keyring.clone()));
    }
    let root = root_to_serve(settings)?;
    let found = wait_for(find(&settings.keyring, &root, random))??;
    found.ok_or_else(|| OpenError::Missing(settings.keyring.clone()))
}

/// Runs a future that may contact a service, in a command without a runtime.
pub(crate) fn wait_for<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}

/// Loads a change made by a command immediately, so that the next command sees it.
///
/// # Errors
/// Same as [`Keyring::reload`]: the current keys stay in use.
pub(crate) fn reload(keyring: &Keyring) -> Result<(), KeyringError> {
    if keyring.reload()? {
        log_in_use(keyring);
    }
    Ok(())
}

fn log_in_use(keyring: &Keyring) {
    tracing::info!(
        current = keyring.current_id().ok(),
        "the keyring was changed; the new version is in use"
    );
}

/// Reloads the keyring's file when it changes.
pub(crate) struct Freshness {
    /// Text of the last failure: the reload is retried at each interval, but a failure is logged only once.
    last_error: Option<String>,
}

impl Freshness {
    pub(crate) fn new() -> Self {
        Self { last_error: None }
    }

    pub(crate) fn look(&mut self, keyring: &Keyring) {
        match keyring.reload() {
            Ok(changed) => {
                if changed {
                    log_in_use(keyring);
                } else if self.last_error.is_some() {
                    tracing::info!("the keyring file matches the keys in use again");
                }
                self.last_error = None;
            }
            Err(error) => {
                let error = error.to_string();
                if self.last_error.as_ref() != Some(&error) {
                    tracing::warn!(
                        error,
                        "cannot load the changed keyring; the current keys stay in use"
                    );
                    self.last_error = Some(error);
                }
            }
        }
    }
}
