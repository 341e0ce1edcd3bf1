//! The `strongroom` command. This file only connects the command line to the commands.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

use crate::cli::Cli;
use crate::terminal::error_chain::chain;

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod clock;

mod randomness;

mod stop;

mod terminal;

mod files;

mod settings;

mod cli;

mod telemetry;

mod store;

mod admin;

mod server;

mod commands;

/// Wipes all memory when it is freed, so that keys copied by third-party code disappear with its buffers.
#[global_allocator]
static WIPING: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

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
