//! `strongroom credentials`: shows or resets the root credentials, with commands to set them up in a client.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use strongroom_access::Credentials;
use strongroom_seal::SystemRandom;
use zeroize::Zeroizing;

use crate::admin::client::ClientError;
use crate::admin::command_event::CommandEvent;
use crate::admin::command_log::{AuditGap, CommandLog};
use crate::settings::{Region, Settings};
use crate::store::keyring::{self, OpenError};
use crate::store::open::{self, OpenStoreError};
use crate::store::root_credentials::{self, AuditContext, RootCredentialsError};
use crate::terminal::client_profile::profile_lines;

/// Errors that keep credentials from being shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialsError {
    #[error(transparent)]
    Keyring(#[from] OpenError),
    #[error(transparent)]
    Log(#[from] ClientError),
    #[error(transparent)]
    AuditGap(#[from] AuditGap),
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    #[error(transparent)]
    Root(#[from] RootCredentialsError),
    #[error(
        "there are no root credentials yet: run `strongroom serve`, which creates them at its first start"
    )]
    None,
    #[error("{} does not exist: no server was started with this data directory; set the right one with --data-dir", .0.display())]
    NoDataDirectory(std::path::PathBuf),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

/// Shows the root credentials.
pub(crate) fn show(settings: &Settings, output: &mut impl Write) -> Result<(), CredentialsError> {
    must_exist(&settings.data_dir)?;
    let keyring = keyring::open(settings)?;
    let log = CommandLog::open(settings)?;
    let read = open::read_credentials(settings, &keyring, &AuditContext::NONE)?;
    let credentials = read.ok_or(CredentialsError::None)?;
    log.record(&CommandEvent::CredentialsShown {
        master: master(settings)?,
    })?;
    Ok(output.write_all(page(&credentials, &settings.region).as_bytes())?)
}

/// Replaces the root credentials and shows the new ones.
pub(crate) fn reset(settings: &Settings, output: &mut impl Write) -> Result<(), CredentialsError> {
    must_exist(&settings.data_dir)?;
    open::must_not_be_anothers(settings)?;
    let keyring = keyring::open(settings)?;
    let log = CommandLog::open(settings)?;
    let path = root_credentials::path(&settings.data_dir);
    // With a keyring other than the store's, nobody could use the new credentials.
    if let Err(error @ RootCredentialsError::Keyring { .. }) =
        root_credentials::read(&path, &keyring, &AuditContext::NONE)
    {
        return Err(error.into());
    }
    let credentials =
        root_credentials::create(&path, &keyring, &SystemRandom::default(), &AuditContext::NONE)?;
    log.record(&CommandEvent::CredentialsReset {
        master: master(settings)?,
    })?;
    writeln!(
        output,
        "The root credentials were replaced. A running server rejects the old ones within seconds.\n"
    )?;
    Ok(output.write_all(page(&credentials, &settings.region).as_bytes())?)
}

/// Returns the id of the master key that wraps the root credentials' key.
fn master(settings: &Settings) -> Result<String, RootCredentialsError> {
    Ok(root_credentials::master(&root_credentials::path(&settings.data_dir))?.unwrap_or_default())
}

/// Returns an error if the data directory does not exist: a mistyped one must not be filled with a new store.
fn must_exist(data_dir: &Path) -> Result<(), CredentialsError> {
    if data_dir.is_dir() {
        Ok(())
    } else {
        Err(CredentialsError::NoDataDirectory(data_dir.to_owned()))
    }
}

fn page(credentials: &Credentials, region: &Region) -> Zeroizing<String> {
    // Allocate room for the whole text: growing would leave copies of the secret behind that are not wiped.
    let mut page = Zeroizing::new(String::with_capacity(2048));
    // Writing into a String cannot fail.
    let _ = writeln!(page, "Access key ID      {}", credentials.access_key_id);
    let _ = writeln!(page, "Secret access key  {}", credentials.secret.expose());
    page.push_str("\nFor the AWS CLI and SDKs:\n");
    page.push_str(&profile_lines(credentials, region.as_ref()));
    page
}

#[cfg(test)]
mod tests;
