//! `strongroom keys delete`.

use std::error::Error;
use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::delete_master::DeleteMaster;
use crate::commands::confirm::{self, Action};
use crate::settings::{LogLevel, Settings};
use crate::telemetry::logging;
use crate::terminal::printable::printable;

/// Deletes a master key and reports it on `output`. `yes` is the id again; without it the user is asked at the
/// terminal.
pub(crate) fn run(
    settings: &Settings,
    id: String,
    yes: Option<&str>,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    logging::start(LogLevel::Warn, settings.log_format).map_err(CommandError::Logging)?;
    confirm::by_flag_or_terminal(&Action::delete_master(&id), yes)?;
    let name = printable(&id).into_owned();
    client::run_without_rows(settings, DeleteMaster { id })?;
    Ok(writeln!(
        output,
        "The master key {name} is deleted from the keyring; it wrapped nothing in this store. Backups and other copies\n\
         of the keyring still contain it: make a new backup, and destroy the old copies.",
    )?)
}
