//! `strongroom account`: commands on accounts and the access keys of their root users.

use std::fmt::Write as _;
use std::io::{self, Write};

use strongroom_access::{Credentials, SecretAccessKey};
use zeroize::Zeroizing;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::accounts::{
    AccountRow, CreateAccount, CreateRootKey, DeleteAccount, DeleteRootKey, ListAccounts, NewRootKey,
    SetAccountStatus, Status,
};
use crate::cli::account::AccountCommand;
use crate::commands::credentials::endpoint;
use crate::settings::Settings;
use crate::terminal::client_profile::{Connection, profile_lines};
use crate::terminal::printable::printable;
use crate::terminal::time;

/// Runs a command.
pub(super) fn run(
    settings: &Settings,
    command: AccountCommand,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        AccountCommand::Create { name, email, .. } => {
            let created = client::run_without_rows(settings, CreateAccount { name, email })?;
            show(settings, created, output)
        }
        AccountCommand::NewKey { account, .. } => {
            let created = client::run_without_rows(settings, CreateRootKey { account })?;
            show(settings, created, output)
        }
        AccountCommand::DeleteKey {
            account, access_key, ..
        } => {
            let job = DeleteRootKey {
                account,
                access_key: access_key.clone(),
            };
            client::run_without_rows(settings, job)?;
            Ok(writeln!(
                output,
                "The access key {} was deleted.",
                printable(&access_key)
            )?)
        }
        AccountCommand::List { json, .. } => list(settings, json, output),
        AccountCommand::Suspend { account, .. } => set_status(settings, account, Status::Suspended, output),
        AccountCommand::Activate { account, .. } => set_status(settings, account, Status::Active, output),
        AccountCommand::Delete { account, .. } => {
            let job = DeleteAccount {
                account: account.clone(),
            };
            client::run_without_rows(settings, job)?;
            Ok(writeln!(
                output,
                "The account {} was deleted.",
                printable(&account)
            )?)
        }
    }
}

fn set_status(
    settings: &Settings,
    account: String,
    status: Status,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let done = match status {
        Status::Active => "is active",
        Status::Suspended => "is suspended: all of its requests are refused",
    };
    let shown = printable(&account).to_string();
    client::run_without_rows(settings, SetAccountStatus { account, status })?;
    Ok(writeln!(output, "The account {shown} {done}.")?)
}

fn list(settings: &Settings, json: bool, output: &mut impl Write) -> Result<(), CommandError> {
    let mut row = |account: AccountRow| -> io::Result<()> {
        if json {
            let line = serde_json::to_string(&account)?;
            return writeln!(output, "{line}");
        }
        let status = match account.status {
            Status::Active => "active",
            Status::Suspended => "suspended",
        };
        writeln!(
            output,
            "{}  {}  {status}  {} users  {}",
            account.id,
            time::of_seconds(account.created / 1_000_000),
            account.users,
            printable(&account.name),
        )
    };
    client::run(settings, ListAccounts {}, &mut row)?;
    Ok(())
}

/// Shows a new access key, with the commands that write it into a client profile.
fn show(settings: &Settings, created: NewRootKey, output: &mut impl Write) -> Result<(), CommandError> {
    let endpoint = endpoint(settings)?;
    let NewRootKey {
        account,
        access_key,
        secret,
    } = created;
    let credentials = Credentials {
        access_key_id: access_key,
        secret: SecretAccessKey::new(secret.as_str().to_owned()),
    };
    // Room for the whole text: growing would leave copies of the secret behind that are not wiped.
    let mut page = Zeroizing::new(String::with_capacity(8192));
    for (name, value) in [
        ("Account", account.id.as_str()),
        ("Name", printable(&account.name).as_ref()),
        ("Canonical id", &account.canonical_id),
        ("Access key ID", &credentials.access_key_id),
        ("Secret access key", credentials.secret.expose()),
    ] {
        // Writing into a String cannot fail.
        let _ = writeln!(page, "{name:<18} {value}");
    }
    page.push_str("\nThe secret is not shown again. For the AWS CLI and SDKs:\n");
    let connection = Connection {
        profile: &account.name,
        region: &endpoint.region,
        endpoint: endpoint.here.as_deref(),
        ca_file: endpoint.ca_file.as_deref(),
    };
    page.push_str(&profile_lines(Some(&credentials), connection));
    Ok(output.write_all(page.as_bytes())?)
}
