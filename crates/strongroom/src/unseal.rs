//! `strongroom unseal`: decrypts objects directly from the files of a stopped, damaged or copied store.
//!
//! It uses the server's engine on a read-only store, so that there is only one way to plaintext.

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

/// Reasons why nothing, or not everything, was decrypted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnsealError {
    #[error("cannot start the reader threads")]
    Runtime(#[source] io::Error),
    #[error("cannot create a directory for the copy of the index in {}", place.display())]
    Scratch { place: PathBuf, source: io::Error },
    #[error(
        "another process has the store {} open: stop the server, or wait for the running strongroom command; or add \
         --running to read it anyway (changes made meanwhile may be missed, and the copy of the index may be unusable)",
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
    #[error("cannot set up the key management service: {0}")]
    Kms(#[from] strongroom_keys::kms::SetupError),
    #[error("cannot open the store")]
    Start(#[source] strongroom_engine::Error),
    #[error(transparent)]
    CustomerKey(#[from] KeyFileError),
    #[error("the object is encrypted with a customer key: set the file of the key with --customer-key-file")]
    CustomerKeyNeeded,
    #[error("the object is not encrypted with a customer key: omit --customer-key-file")]
    NoCustomerKeyNeeded,
    #[error("the key in {} is not the customer key of the object", .0.display())]
    WrongCustomerKey(PathBuf),
    #[error(
        "{0:?} is deleted: run strongroom unseal list --versions to see which older versions still exist"
    )]
    Deleted(String),
    #[error("cannot decrypt {object:?}")]
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
    #[error("cannot list the objects")]
    List(#[source] strongroom_engine::Error),
    #[error("cannot read the index")]
    Rows(#[from] StoreError),
    #[error("{0} of the rows are damaged: see the names above")]
    DamagedRows(u64),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    #[error("interrupted before it was finished")]
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
