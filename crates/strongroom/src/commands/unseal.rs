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
    let place = command.place();
    // Load the keys before signals are handled, so that Ctrl-C ends the passphrase prompt.
    let keys = || keys::keyring(place, settings);
    match command {
        UnsealCommand::Get(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = open::open(place, settings, keyring).await?;
                get::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::Head(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = open::open(place, settings, keyring).await?;
                head::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::List(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = open::open(place, settings, keyring).await?;
                list::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::Rows(asked) => until_told(async {
            let looked_at = open::look(place, settings).await?;
            rows::run(&looked_at.look, asked, output).await
        }),
    }
}

/// Runs `work` until it is done or a signal arrives. On a signal, temporary files are removed: the copy of the index
/// and any incomplete output file.
fn until_told(work: impl Future<Output = Result<(), UnsealError>>) -> Result<(), UnsealError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(UnsealError::Runtime)?;
    runtime.block_on(async {
        let mut told = stop::on_signals().map_err(UnsealError::Runtime)?;
        tokio::select! {
            () = stop::told(&mut told, Stop::Gracefully) => Err(UnsealError::Stopped),
            done = work => done,
        }
    })
}
