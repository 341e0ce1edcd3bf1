//! Errors of jobs.

use std::path::PathBuf;

use strongroom_audit::AuditUnavailable;
use strongroom_engine::Error;
use strongroom_identity::IdentityError;
use strongroom_keys::kms::KmsError;
use strongroom_keys::{ChangeError, KeyringError};
use strongroom_store::id::NoBlobId;

use super::failure::{Code, Failure};
use crate::store::root_credentials::RootCredentialsError;
use crate::terminal::error_chain::chain;
use crate::terminal::printable::printable;

/// Reasons why a job was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error(
        "the bucket {} has Object Lock, which may protect objects in it; add --with-locked to shred them too",
        printable(.0)
    )]
    ObjectLock(String),
    #[error(
        "{id} still wraps {keys} of the keys of buckets, of the store and of the root credentials, which would be lost \
         with it: rewrap them first with strongroom bucket rewrap-keys"
    )]
    MasterInUse { id: String, keys: u64 },
    #[error(
        "{id} still wraps the keys of {keys} buckets that the index does not know. They are kept, because the index may be \
         the one that was lost, and cannot be rewrapped; the master key has to stay as long as them. If the index with these \
         buckets is found, put it back"
    )]
    MasterOfStrays { id: String, keys: u64 },
    #[error("the master key {id} is deleted, but the audit event could not be written")]
    DeletedUnrecorded { id: String, source: AuditUnavailable },
    #[error("set either `blob` to the id of a blob, or `all` to true")]
    BlobOrAll,
    #[error("name either an account or a bucket")]
    AccountOrBucket,
    #[error("name a limit to set: bytes, objects, buckets, requests_per_second or concurrency")]
    NoLimit,
    #[error("a limit of requests must be at least 1: to refuse all requests, suspend the account")]
    NoRequests,
    #[error(
        "the numbers of buckets and requests are limits of accounts; a bucket has limits of bytes and objects"
    )]
    LimitOfAccounts,
    #[error("the number of days must be between 1 and {0}")]
    Days(u32),
    #[error(
        "set either `all` to true, or `account`, with or without `user`, or `access_key` to the id of an access key"
    )]
    ConfirmWhich,
    #[error(transparent)]
    BlobId(#[from] NoBlobId),
    #[error("{} is not an absolute path", .0.display())]
    RelativePath(PathBuf),
    #[error("no server runs, so there is no endpoint")]
    NoServer,
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Credentials(#[from] RootCredentialsError),
    #[error("the keyring operation was aborted")]
    Lost(#[source] tokio::task::JoinError),
    #[error("there is no account {}", printable(.0))]
    NoAccount(String),
    #[error(
        "the account {account} owns buckets, such as {}; delete them first, with their contents, or shred them",
        printable(bucket)
    )]
    AccountHasBuckets { account: String, bucket: String },
    #[error(
        "the first account cannot be deleted, and the access key of its root user is that of strongroom credentials"
    )]
    FirstAccount,
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(
        "{} is not an action that policies of users and buckets decide: write SERVICE:NAME, such as s3:GetObject",
        printable(.0)
    )]
    Action(String),
    #[error("{} is not the ARN of a bucket or an object: write arn:aws:s3:::BUCKET/KEY", printable(.0))]
    Resource(String),
    #[error(
        "{} is not a principal: write the ARN of a root user, a user, a role or a session of a role, the id of an access \
         key, or anonymous",
        printable(.0)
    )]
    Principal(String),
    #[error("there is no bucket {}", printable(.0))]
    NoBucket(String),
    #[error(transparent)]
    Audit(#[from] AuditUnavailable),
    #[error(transparent)]
    Engine(Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchBucket(bucket) => Self::NoBucket(bucket),
            other => Self::Engine(other),
        }
    }
}

impl JobError {
    fn code(&self) -> Code {
        match self {
            Self::ObjectLock(_) => Code::ObjectLock,
            Self::MasterInUse { .. } | Self::MasterOfStrays { .. } => Code::KeyInUse,
            Self::Keyring(KeyringError::Change(ChangeError::NoSuchKey(_))) => Code::NoSuchKey,
            Self::Keyring(KeyringError::Change(_)) => Code::KeyState,
            Self::NoBucket(_) => Code::NoSuchBucket,
            Self::NoAccount(_) | Self::Identity(IdentityError::NoSuchEntity(_)) => Code::NoSuchEntity,
            Self::AccountHasBuckets { .. }
            | Self::FirstAccount
            | Self::Identity(
                IdentityError::DeleteConflict(_)
                | IdentityError::EntityAlreadyExists(_)
                | IdentityError::LimitExceeded(_),
            ) => Code::EntityState,
            Self::RelativePath(_)
            | Self::BlobId(_)
            | Self::BlobOrAll
            | Self::AccountOrBucket
            | Self::NoLimit
            | Self::NoRequests
            | Self::LimitOfAccounts
            | Self::Days(_)
            | Self::ConfirmWhich
            | Self::Action(_)
            | Self::Resource(_)
            | Self::Principal(_)
            | Self::Identity(IdentityError::InvalidInput(_)) => Code::BadRequest,
            Self::DeletedUnrecorded { .. } | Self::Audit(_) | Self::Engine(Error::Audit(_)) => {
                Code::AuditUnavailable
            }
            Self::Engine(Error::Kms(KmsError::Unavailable(_))) => Code::KmsUnavailable,
            Self::Engine(Error::Kms(_)) => Code::KmsKey,
            Self::NoServer
            | Self::Identity(_)
            | Self::Keyring(_)
            | Self::Credentials(_)
            | Self::Lost(_)
            | Self::Engine(_) => Code::Failed,
        }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::new(error.code(), chain(&error))
    }
}
