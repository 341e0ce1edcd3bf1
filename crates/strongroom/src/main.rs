//! The `strongroom` command. This file only connects the command line to the commands.
//!
//! A file imports only from its own folder and from folders that stand before it in this list: `clock`, `randomness`,
//! `stop`, `terminal`, `files`, `settings`, `cli`, `telemetry`, `store`, `admin`, `server`, `commands`.

use std::alloc::System;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

use crate::cli::Cli;
use crate::terminal::error_chain::chain;

mod admin;
mod cli;
mod clock;
mod commands;
mod files;
mod randomness;
mod server;
mod settings;
mod stop;
mod store;
mod telemetry;
mod terminal;

/// Wipes all memory when it is freed, so that keys copied by third-party code disappear with its buffers.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    match commands::run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even this write fails, only the exit code reports the error.
            let _ = writeln!(io::stderr(), "strongroom: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}
