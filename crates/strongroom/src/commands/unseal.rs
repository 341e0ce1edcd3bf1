//! `strongroom unseal`: decrypts objects directly from the files of a stopped, damaged or copied store.
//!
//! It uses the server's engine on a read-only store, so that there is only one way to plaintext.

use std::io::Write;

use self::error::UnsealError;
use crate::cli::unseal::UnsealCommand;
use crate::settings::Settings;
use crate::stop::{self, Stop};

mod after_damage;
mod chunks;
mod damage;
mod destination;
mod error;
mod get;
mod head;
mod keys;
mod list;
mod object_to_open;
mod open;
mod rows;
mod text;

/// Runs a command on the store that `settings` and flags select.
pub(crate) fn run(
    command: &UnsealCommand,
    settings: &Settings,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let location = command.location();
    // Load the keys before signals are handled, so that Ctrl-C ends the passphrase prompt.
    let keys = || keys::keyring(location, settings);
    match command {
        UnsealCommand::Get(flags) => {
            let keyring = keys()?;
            until_stopped(async {
                let opened = open::open(location, settings, keyring).await?;
                get::run(&opened.engine, flags, output).await
            })
        }
        UnsealCommand::Head(flags) => {
            let keyring = keys()?;
            until_stopped(async {
                let opened = open::open(location, settings, keyring).await?;
                head::run(&opened.engine, flags, output).await
            })
        }
        UnsealCommand::List(flags) => {
            let keyring = keys()?;
            until_stopped(async {
                let opened = open::open(location, settings, keyring).await?;
                list::run(&opened.engine, flags, output).await?;
                must_be_whole(opened.problems)
            })
        }
        UnsealCommand::Rows(flags) => until_stopped(async {
            let open::StoreView { prepared, scratch } = open::look(location, settings).await?;
            let problems = prepared.problems.clone();
            let done = rows::run(&prepared.recover(None).await?, flags, output).await;
            drop(scratch);
            done?;
            must_be_whole(open::name_problems(&problems))
        }),
    }
}

/// Returns an error if the index has problems, so that an incomplete list is not taken for a complete one.
fn must_be_whole(problems: usize) -> Result<(), UnsealError> {
    match problems {
        0 => Ok(()),
        _ => Err(UnsealError::DamagedIndex),
    }
}

/// Runs `work` until it is done or a signal arrives. On a signal, temporary files are removed: the copy of the index
/// and any incomplete output file.
fn until_stopped(work: impl Future<Output = Result<(), UnsealError>>) -> Result<(), UnsealError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(UnsealError::Runtime)?;
    runtime.block_on(async {
        let mut stop = stop::on_signals().map_err(UnsealError::Runtime)?;
        tokio::select! {
            () = stop::reached(&mut stop, Stop::Gracefully) => Err(UnsealError::Stopped),
            done = work => done,
        }
    })
}
