//! `strongroom account`: commands on accounts and the access keys of their root users.

use std::io::{self, Write};

use strongroom_access::{Credentials, SecretAccessKey};

use super::error::CommandError;
use crate::admin::client;
use crate::admin::job::{Job, NoRows};
use crate::admin::jobs::accounts::{
    AccountRow, CreateAccount, CreateRootKey, DeleteAccount, DeleteRootKey, ListAccounts, NewRootKey,
    SetAccountStatus, Status,
};
use crate::admin::jobs::unconfirmed::{Confirm, ListUnconfirmed, UnconfirmedRow};
use crate::cli::account::AccountCommand;
use crate::commands::credentials::{endpoint, page};
use crate::settings::Settings;
use crate::terminal::printable::printable;
use crate::terminal::time;

/// Runs a command.
pub(super) fn run(
    settings: &Settings,
    command: AccountCommand,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        AccountCommand::Create { name, email, .. } => create(settings, CreateAccount { name, email }, output),
        AccountCommand::NewKey { account, .. } => create(settings, CreateRootKey { account }, output),
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
        AccountCommand::Unconfirmed { json, .. } => {
            let done = client::run(settings, ListUnconfirmed {}, &mut |row| show(output, &row, json))?;
            if done.credentials == 0 && !json {
                writeln!(output, "Nothing waits for confirmation.")?;
            }
            Ok(())
        }
        AccountCommand::Confirm { which, user, .. } => {
            let job = Confirm {
                all: which.all,
                account: which.account,
                user,
                access_key: which.access_key,
            };
            let done = client::run(settings, job, &mut |row| show(output, &row, false))?;
            Ok(writeln!(output, "Confirmed: {}.", done.credentials)?)
        }
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

/// Shows an access key or a password.
fn show(output: &mut impl Write, row: &UnconfirmedRow, json: bool) -> io::Result<()> {
    if json {
        let line = serde_json::to_string(row)?;
        return writeln!(output, "{line}");
    }
    let user = row
        .user
        .as_ref()
        .map_or_else(|| "root user".to_owned(), |user| format!("user {user}"));
    let what = row.access_key.as_deref().unwrap_or("password");
    writeln!(
        output,
        "{}  {}  {}  {}",
        row.account,
        time::of_seconds(row.created / 1_000_000),
        printable(what),
        printable(&user),
    )
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

/// Runs a job that creates an access key, and shows the key, with the commands that write it into a client profile.
fn create<J: Job<Row = NoRows, Outcome = NewRootKey>>(
    settings: &Settings,
    job: J,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    // First: once there is a key, nothing may keep its secret from being shown.
    let endpoint = endpoint(settings)?;
    let NewRootKey {
        account,
        access_key,
        secret,
    } = client::run_without_rows(settings, job)?;
    let credentials = Credentials {
        access_key_id: access_key,
        secret: SecretAccessKey::new(secret.as_str().to_owned()),
    };
    writeln!(output, "Account            {}", account.id)?;
    writeln!(output, "Name               {}", printable(&account.name))?;
    writeln!(output, "Canonical id       {}", account.canonical_id)?;
    output.write_all(page(&credentials, &endpoint, &account.name).as_bytes())?;
    Ok(writeln!(output, "\nThe secret access key is not shown again.")?)
}
