//! The errors of `strongroom unseal`.

use std::io;
use std::path::PathBuf;

use strongroom_store::{LookError, StoreError};

use super::damage::Damage;
use super::destination::DestinationError;
use super::keys::KeysError;
use crate::commands::customer_key::file::KeyFileError;
use crate::terminal::printable::printable;

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
    Look(LookError),
    #[error(transparent)]
    Keys(#[from] KeysError),
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
    Damaged(Box<Damage>),
    #[error(transparent)]
    Destination(#[from] DestinationError),
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
