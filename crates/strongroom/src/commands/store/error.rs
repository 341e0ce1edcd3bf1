//! Errors of the commands on the store.

use std::io;
use std::path::PathBuf;

use crate::admin::client::ClientError;
use crate::store::keyring::OpenError;
use crate::terminal::printable::printable;
use crate::terminal::progress::versions;

/// Reasons why a command did not finish, or problems that it found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("cannot set up logging")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    #[error("{} could not be counted because their rows are damaged: list them with strongroom verify", versions(*.0))]
    Uncounted(u64),
    #[error(
        "nothing was counted in these buckets because their own rows are damaged: {buckets}; nor {} in others",
        versions(*.damaged)
    )]
    UncountedBuckets { buckets: String, damaged: u64 },
    #[error("found damage in {}", versions(*.0))]
    Damaged(u64),
    #[error("the counters of {0} buckets are not what their rows show; --mend sets them right")]
    WrongCounters(u64),
    #[error(
        "{} could not be checked because their KMS keys are not available; the others are not damaged",
        versions(*.0)
    )]
    Unchecked(u64),
    #[error("{} could not be rewrapped and are unchanged", versions(*.0))]
    NotRewrapped(u64),
    #[error(
        "{} exists: move it away first, and pass it with --keys-of, so that what was shredded stays shredded",
        .0.display()
    )]
    StoreExists(PathBuf),
    #[error("the policies do not allow it")]
    NotAllowed,
    #[error("cannot open the keyring")]
    Keyring(#[source] Box<OpenError>),
    #[error("cannot write the store")]
    Restore(#[source] strongroom_engine::Error),
    #[error("the blob {} was not set aside: strongroom lost list shows which were", printable(.0))]
    NotLost(String),
    #[error("--from and --to are both sse-s3: there is nothing to do")]
    NothingToRewrap,
    #[error("--bucket-key requires --to sse-kms: with sse-s3 the bucket's own key encrypts")]
    NoBucketKey,
}
