//! The commands, one file or folder each: their work and their output.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::cli::audit::AuditCommand;
use crate::cli::load::{audit_directory, load_all, load_location};
use crate::cli::{Command, CredentialsCommand, KeyCommand};
use crate::server::assemble::Accepted;
use crate::server::{memory, serve};
use crate::terminal::error_chain::chain;
use crate::{clock, randomness};

mod audit;
mod check_config;
mod confirm;
mod credentials;
mod customer_key;
mod keys;
mod report;
mod store;
mod unseal;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<(), Box<dyn Error>> {
    // For the server, core dumps are a setting.
    if !matches!(command, Command::Serve(_)) {
        memory::forbid_core_dumps()?;
    }
    let mut output = io::stdout().lock();
    match command {
        Command::Serve(flags) => {
            let accepted = Accepted {
                new_store: flags.new_store,
                lost_rows: flags.accept_lost_rows,
            };
            let flags = flags.settings;
            let loaded = load_all(flags.clone())?;
            let read_level = Arc::new(move || match load_all(flags.clone()) {
                Ok(loaded) => Ok(loaded.settings.log),
                Err(error) => Err(chain(&*error)),
            });
            // The lock would be held as long as the server runs, and the server's threads must not wait for it.
            drop(output);
            serve::run(&loaded.settings, accepted, read_level, &mut io::stdout())?;
        }
        Command::CheckConfig(flags) => {
            let all = flags.all;
            let loaded = load_all(flags.settings)?;
            check_config::run(&loaded, all, &mut output)?;
        }
        Command::Key(KeyCommand::New { text, out }) => {
            customer_key::new::run(text, out.as_deref(), randomness::system, &mut output)?;
        }
        Command::Key(KeyCommand::Check { file }) => {
            customer_key::check::run(file.as_deref(), io::stdin().lock(), &mut output)?;
        }
        Command::Key(KeyCommand::Fingerprint { file }) => customer_key::fingerprint::run(&file, &mut output)?,
        Command::Keys(command) => keys::run(command, &mut output)?,
        Command::Credentials(CredentialsCommand::Show(flags)) => {
            credentials::show(&load_location(flags)?.settings, &mut output)?;
        }
        Command::Credentials(CredentialsCommand::Reset(flags)) => {
            credentials::reset(&load_location(flags)?.settings, &mut output)?;
        }
        Command::Unseal(mut command) => {
            let settings = load_location(command.settings_flags())?.settings;
            unseal::run(&command, &settings, &mut output)?;
        }
        Command::Audit(AuditCommand::Verify { location, expect }) => {
            audit::verify_directory(&audit_directory(location)?, &expect, &mut output)?;
        }
        Command::Store(command) => store::run(command, &mut output)?,
        Command::Audit(AuditCommand::Show { location, filter }) => {
            audit::show_directory(&audit_directory(location)?, filter, clock::system(), &mut output)?;
        }
    }
    Ok(())
}
