//! `strongroom unseal`: opens objects straight from the files of a store that was stopped, or damaged, or copied.
//!
//! The engine of the server reads, from a store that is only looked at: there is one way to plaintext.

use std::io::{self, Write};
use std::path::PathBuf;

use strongroom_store::{ReadOnlyError, StoreError};

use crate::customer_key::file::KeyFileError;
use crate::printable::printable;
use crate::settings::Settings;
use crate::stop::{self, Stop};

mod damage;
mod destination;
mod flags;
mod get;
mod head;
mod keys;
mod list;
mod place;
mod rows;
mod text;

pub(crate) use flags::{UnsealCommand, UnsealPlace};

/// Why nothing, or not all, was unsealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnsealError {
    #[error("cannot start the threads that read")]
    Runtime(#[source] io::Error),
    #[error("cannot make a directory for the copy of the index in {}", place.display())]
    Scratch { place: PathBuf, source: io::Error },
    #[error(
        "another process has the store {} open: stop the server, or wait for the strongroom command that is at work on it; \
         or look all the same with --running (what is written meanwhile may be missed, and the copy of the index may not \
         open)",
        .0.display()
    )]
    Running(PathBuf),
    #[error(transparent)]
    Look(ReadOnlyError),
    #[error(transparent)]
    Keys(#[from] keys::KeysError),
    #[error(
        "the index of {} does not hold the store's own key: nothing was ever stored there, or the row was lost",
        .0.display()
    )]
    NoStoreKey(PathBuf),
    #[error("the key management service cannot be set up: {0}")]
    Kms(#[from] strongroom_keys::kms::SetupError),
    #[error("cannot open the store")]
    Start(#[source] strongroom_engine::Error),
    #[error(transparent)]
    CustomerKey(#[from] KeyFileError),
    #[error("the object is under a customer's key: name the key's file with --customer-key-file")]
    CustomerKeyNeeded,
    #[error("the object is not under a customer's key: leave out --customer-key-file")]
    NoCustomerKeyNeeded,
    #[error("the key in {} is not the one that the object was stored with", .0.display())]
    WrongCustomerKey(PathBuf),
    #[error("{0:?} is deleted: older versions are there as long as unseal list --versions shows them")]
    Deleted(String),
    #[error("cannot open {object:?}")]
    Object {
        object: String,
        source: strongroom_engine::Error,
    },
    #[error(transparent)]
    Damaged(Box<damage::Damage>),
    #[error(transparent)]
    Destination(#[from] destination::DestinationError),
    #[error("there is no bucket {}", printable(.0))]
    NoBucket(String),
    #[error("cannot list what is there")]
    List(#[source] strongroom_engine::Error),
    #[error("cannot read the index")]
    Rows(#[from] StoreError),
    #[error("{0} of the rows are damaged: they are named above")]
    DamagedRows(u64),
    #[error("cannot write the answer")]
    Output(#[from] io::Error),
    #[error("stopped before it was done")]
    Stopped,
}

impl From<strongroom_engine::Error> for UnsealError {
    fn from(error: strongroom_engine::Error) -> Self {
        match error {
            strongroom_engine::Error::NoSuchBucket(bucket) => Self::NoBucket(bucket),
            other => Self::List(other),
        }
    }
}

/// Does what is asked of the store that `settings` and flags name.
pub(crate) fn run(
    command: &UnsealCommand,
    settings: &Settings,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let place = command.place();
    // Keys before signals, so that Ctrl-C ends the asking for a passphrase.
    let keys = || keys::keyring(place, settings);
    match command {
        UnsealCommand::Get(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = place::open(place, settings, keyring).await?;
                get::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::Head(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = place::open(place, settings, keyring).await?;
                head::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::List(asked) => {
            let keyring = keys()?;
            until_told(async {
                let opened = place::open(place, settings, keyring).await?;
                list::run(&opened.engine, asked, output).await
            })
        }
        UnsealCommand::Rows(asked) => until_told(async {
            let looked_at = place::look(place, settings).await?;
            rows::run(&looked_at.look, asked, output).await
        }),
    }
}

/// Does `work`, unless told to stop: then what is half done is taken back, the copy of the index and a file that is not
/// whole.
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
