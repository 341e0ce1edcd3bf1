//! The `strongroom` command. This file only connects the command line to the code that does the work.

use std::alloc::System;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

use crate::cli::{
    AuditCommand, AuditPlace, Cli, Command, CredentialsCommand, KeyCommand, PlaceFlags, SettingsFlags,
};
use crate::settings::{Layer, Loaded, SettingsError, Sources};

mod admin;
mod audit;
mod banner;
mod cli;
mod clock;
mod connection;
mod credentials;
mod customer_key;
mod keyring;
mod keys;
mod listen;
mod logging;
mod memory;
mod open_files;
mod passphrase;
mod place;
mod printable;
mod private_file;
mod progress;
mod randomness;
mod root_credentials;
mod root_key;
mod serve;
mod settings;
mod shell;
mod short_file;
mod stop;
mod terminal;
mod tls;
mod unseal;
mod wiring;

/// Wipes all memory when it is freed, so that keys copied by third-party code disappear with its buffers.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even this write fails, only the exit code reports the error.
            let _ = writeln!(io::stderr(), "strongroom: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    // For the server, core dumps are a setting.
    if !matches!(command, Command::Serve(_)) {
        memory::forbid_core_dumps()?;
    }
    let mut output = io::stdout().lock();
    match command {
        Command::Serve(flags) => {
            let loaded = load_all(*flags)?;
            // The lock would be held as long as the server runs, and the server's threads must not wait for it.
            drop(output);
            serve::run(&loaded.settings, &mut io::stdout())?;
        }
        Command::CheckConfig(flags) => {
            let loaded = load_all(*flags)?;
            output.write_all(settings::report(&loaded).as_bytes())?;
            tls::check(&loaded.settings)?;
            writeln!(output, "\nConfiguration OK.")?;
        }
        Command::Key(KeyCommand::New { text, out }) => {
            customer_key::new::run(text, out.as_deref(), randomness::system, &mut output)?;
        }
        Command::Key(KeyCommand::Check { file }) => {
            customer_key::check::run(file.as_deref(), io::stdin().lock(), &mut output)?;
        }
        Command::Keys(command) => keys::run(command, &mut output)?,
        Command::Credentials(CredentialsCommand::Show(flags)) => {
            credentials::show(&load_place(flags)?.settings, &mut output)?;
        }
        Command::Credentials(CredentialsCommand::Reset(flags)) => {
            credentials::reset(&load_place(flags)?.settings, &mut output)?;
        }
        Command::Unseal(mut command) => {
            let settings = load_place(command.settings_flags())?.settings;
            unseal::run(&command, &settings, &mut output)?;
        }
        Command::Audit(AuditCommand::Verify { place, expect }) => {
            audit::verify_directory(&audit_directory(place)?, &expect, &mut output)?;
        }
        Command::Store(command) => admin::command::run(command, &mut output)?,
        Command::Audit(AuditCommand::Show { place, asked }) => {
            audit::show_directory(&audit_directory(place)?, asked, clock::system(), &mut output)?;
        }
    }
    Ok(())
}

fn load_all(mut flags: SettingsFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.place.config.take();
    load(flags.into_layer(), config)
}

fn load_place(mut flags: PlaceFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.config.take();
    load(flags.into_layer(), config)
}

fn audit_directory(place: AuditPlace) -> Result<PathBuf, Box<dyn Error>> {
    match place.directory {
        Some(directory) => Ok(directory),
        None => Ok(load_place(place.place)?.settings.audit.directory),
    }
}

fn load(flags: Layer, config: Option<PathBuf>) -> Result<Loaded, Box<dyn Error>> {
    let directory = std::env::current_dir()?;
    let environment = settings::process_environment();
    let loaded: Result<_, SettingsError> = settings::load(Sources {
        flags,
        config,
        environment,
        directory,
    });
    Ok(loaded?)
}

/// Formats an error with its causes as one sentence. A cause that the text already ends with is not repeated. Control
/// characters are escaped, because the text may contain names chosen by others.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, letter| {
            if letter.is_control() && letter != '\n' {
                safe.extend(letter.escape_default());
            } else {
                safe.push(letter);
            }
            safe
        })
}
