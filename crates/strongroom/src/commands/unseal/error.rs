//! Errors of `strongroom unseal`.

use std::io;
use std::path::PathBuf;

use strongroom_store::{ReadOnlyError, StoreError};

use super::damage::Damage;
use super::destination::DestinationError;
use super::keys::KeysError;
use crate::commands::customer_key::file::KeyFileError;
use crate::terminal::printable::printable;

/// Reasons why nothing, or not everything, was decrypted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnsealError {
    #[error("the index is damaged: the list contains what can be read of it")]
    DamagedIndex,
    #[error("cannot start the reader threads")]
    Runtime(#[source] io::Error),
    #[error("cannot create a directory for the copy of the index in {}", directory.display())]
    Scratch { directory: PathBuf, source: io::Error },
    #[error(
        "another process has the store {} open: stop the server, or wait for the running strongroom command; or add \
         --running to read it anyway (changes made meanwhile may be missed, and the copy of the index may be unusable)",
        .0.display()
    )]
    Running(PathBuf),
    #[error(transparent)]
    Look(ReadOnlyError),
    #[error(transparent)]
    Keys(#[from] KeysError),
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
    Damaged(Box<Damage>),
    #[error(transparent)]
    Destination(#[from] DestinationError),
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
