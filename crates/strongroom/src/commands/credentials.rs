//! `strongroom credentials`: shows or resets the root credentials, with commands to set them up in a client.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use strongroom_access::Credentials;
use strongroom_seal::SystemRandom;
use zeroize::Zeroizing;

use crate::admin::client::{self, ClientError};
use crate::admin::command_event::CommandEvent;
use crate::admin::command_log::{AuditGap, CommandLog};
use crate::admin::endpoint::Endpoint;
use crate::admin::jobs::show_endpoint::ShowEndpoint;
use crate::server::urls;
use crate::settings::{Listen, Settings};
use crate::store::keyring::{self, OpenError};
use crate::store::open;
use crate::store::open_error::OpenStoreError;
use crate::store::root_credentials::{self, AuditContext, RootCredentialsError};
use crate::terminal::client_profile::{Connection, PROFILE, profile_lines};

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
    Ok(output.write_all(page(&credentials, &endpoint(settings)?, PROFILE).as_bytes())?)
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
    Ok(output.write_all(page(&credentials, &endpoint(settings)?, PROFILE).as_bytes())?)
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

/// Returns the endpoint of the running server, or that of a server with these settings.
pub(super) fn endpoint(settings: &Settings) -> Result<Endpoint, ClientError> {
    if open::must_have_store(settings).is_ok()
        && let Some(endpoint) = client::run_on_server(settings, &ShowEndpoint {})?
    {
        return Ok(endpoint);
    }
    // A server chooses a port itself if the setting is 0.
    let address = |listen| match listen {
        Listen::On(address) if address.port() != 0 => Some(address),
        _ => None,
    };
    let https = settings.https.listen;
    let http = if https == Listen::Off {
        address(settings.http.listen)
    } else {
        None
    };
    Ok(urls::endpoint(settings, address(https), http))
}

/// Returns the page of an access key, with the commands that write a client profile of this name.
pub(super) fn page(credentials: &Credentials, endpoint: &Endpoint, profile: &str) -> Zeroizing<String> {
    // Allocate room for the whole text: growing would leave copies of the secret behind that are not wiped.
    let mut page = Zeroizing::new(String::with_capacity(8192));
    row(&mut page, "Access key ID", &credentials.access_key_id);
    row(&mut page, "Secret access key", credentials.secret.expose());
    let here = endpoint.here.as_deref();
    row(
        &mut page,
        "Endpoint",
        here.unwrap_or("as printed by strongroom serve"),
    );
    for url in &endpoint.elsewhere {
        row(&mut page, "", url);
    }
    if let Some(ca_file) = &endpoint.ca_file {
        row(&mut page, "CA file", &ca_file.display().to_string());
    }
    page.push_str("\nFor the AWS CLI and SDKs:\n");
    let connection = Connection {
        profile,
        region: &endpoint.region,
        endpoint: here,
        ca_file: endpoint.ca_file.as_deref(),
    };
    page.push_str(&profile_lines(Some(credentials), connection));
    page
}

fn row(page: &mut String, name: &str, value: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(page, "{name:17}  {value}");
}

#[cfg(test)]
mod tests;
