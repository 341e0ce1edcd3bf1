//! The jobs. Each calls one operation of the engine and reports progress and outcome, in the same way in a server and
//! in the process of a command.

use std::time::{Duration, Instant};

use strongroom_audit::log::line::mode_name;
use strongroom_audit::{Actor, AuditUnavailable, KeyEvent, KeyUse};
use strongroom_engine::operator::lost::LostAction;
use strongroom_engine::operator::rewrap_bucket::{RewrapBucket, Rewrapped};
use strongroom_engine::operator::verify::{Finding, Verified, Verify};
use strongroom_engine::{Error, Mode};
use strongroom_keys::KeyringError;
use strongroom_store::id::NoBlobId;
use strongroom_store::{BlobId, LostBlob};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::protocol::{AboutVersion, Event, Job, LostJob, LostRow, Outcome, Row, Usage};
use crate::store::keyring;
use crate::store::open::Core;
use crate::store::root_credentials::{self, AuditContext, RootCredentialsError};
use crate::terminal::error_chain::chain;
use crate::terminal::printable::printable;
use crate::terminal::progress;

/// Interval between progress events; a user sees no more than that.
const PROGRESS: Duration = Duration::from_millis(100);

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
    #[error("the master key {id} is deleted, but the audit event could not be written")]
    DeletedUnrecorded { id: String, source: AuditUnavailable },
    #[error(transparent)]
    BlobId(#[from] NoBlobId),
    #[error("no server runs, so there is no endpoint")]
    NoServer,
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Credentials(#[from] RootCredentialsError),
    #[error("the keyring operation was aborted")]
    Lost(#[source] tokio::task::JoinError),
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

/// Sender of a job's events. Sending never blocks; the job continues only after its events were passed on.
pub(super) struct Events {
    sender: UnboundedSender<Event>,
    sent_at: Option<Instant>,
}

impl Events {
    pub(super) fn new() -> (Self, UnboundedReceiver<Event>) {
        let (sender, receiver) = unbounded_channel();
        (
            Self {
                sender,
                sent_at: None,
            },
            receiver,
        )
    }

    fn progress(&mut self, text: impl FnOnce() -> String) {
        let now = Instant::now();
        if self
            .sent_at
            .is_none_or(|sent_at| now.saturating_duration_since(sent_at) >= PROGRESS)
        {
            self.sent_at = Some(now);
            self.send(Event::Progress { text: text() });
        }
    }

    fn row(&self, row: Row) {
        self.send(Event::Row { row });
    }

    fn send(&self, event: Event) {
        // If nobody listens any more, the job is about to be cancelled.
        let _ = self.sender.send(event);
    }
}

/// Runs a job.
pub(super) async fn run(core: &Core, job: &Job, events: &mut Events) -> Result<Outcome, JobError> {
    match job {
        Job::PurgeCache {} => {
            core.kms.purge();
            Ok(Outcome::Purged)
        }
        Job::RewrapKeys {} => rewrap_keys(core, events).await,
        Job::ReportKeys {} => report_keys(core, events).await,
        Job::Verify { bucket, prefix, rate } => {
            let request = Verify {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                rate: *rate,
            };
            verify(core, &request, events).await
        }
        Job::Rewrap {
            bucket,
            prefix,
            from,
            to,
            bucket_key,
            rate,
        } => {
            let request = RewrapBucket {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                from: from.chosen(),
                to: to.wish(*bucket_key),
                rate: *rate,
            };
            rewrap(core, &request, events).await
        }
        Job::DeleteMaster { id } => delete_master(core, id).await,
        Job::Ready {} => {
            core.audit.ready()?;
            Ok(Outcome::Ready)
        }
        // The socket of a server responds to it.
        Job::Endpoint {} => Err(JobError::NoServer),
        Job::Record { event } => {
            core.audit.record(&event.event(core.engine.actor().cloned()))?;
            let keyring = core.keyring.clone();
            let loaded = blocking(move || keyring::reload(&keyring)).await;
            // A cached "key missing" or "key enabled" may no longer be true.
            core.kms.purge();
            Ok(Outcome::Recorded {
                not_loaded: loaded.err().map(|error| chain(&error)),
            })
        }
        Job::Lost { action, blob } => lost(core, *action, blob.as_deref(), events).await,
        Job::Shred { bucket, with_locked } => match core.engine.shred_bucket(bucket, *with_locked).await {
            Ok(()) => Ok(Outcome::Shredded),
            Err(Error::Locked) => Err(JobError::ObjectLock(bucket.clone())),
            Err(error) => Err(error.into()),
        },
    }
}

async fn lost(
    core: &Core,
    action: LostJob,
    blob: Option<&str>,
    events: &mut Events,
) -> Result<Outcome, JobError> {
    let only = blob.map(str::parse::<BlobId>).transpose()?;
    let action = match action {
        LostJob::List => LostAction::List,
        LostJob::Delete => LostAction::Delete,
        LostJob::Restore => LostAction::Restore,
    };
    let done = |blob: &LostBlob| {
        events.row(Row::Lost(LostRow {
            blob: blob.id.to_string(),
            bytes: blob.bytes,
            since: blob.since,
        }));
    };
    core.engine.lost_blobs(action, only, done).await?;
    Ok(Outcome::LostDone)
}

/// Runs work that blocks on the disk, or for the time that a root key takes, on a thread of its own.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, JobError>
where
    T: Send + 'static,
    E: Into<JobError> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(JobError::Lost)?.map_err(Into::into)
}

async fn rewrap_keys(core: &Core, events: &mut Events) -> Result<Outcome, JobError> {
    let keyring = core.keyring.clone();
    // Load a master key that was just created.
    blocking(move || keyring.reload()).await?;
    let master = core.keyring.current_id()?;
    let rolled = core
        .engine
        .roll_master(|rolled| {
            let bar = || progress::bar(rolled.seen, rolled.keys);
            events.progress(|| format!("{} {} of {} keys", bar(), rolled.seen, rolled.keys));
        })
        .await;
    // Rewrap the credentials even if the key of a bucket could not be rewrapped.
    let credentials = rewrap_credentials(core).await?;
    let rolled = rolled?;
    Ok(Outcome::KeysRewrapped {
        master,
        keys: rolled.keys + u64::from(credentials.is_some()),
        rewrapped: rolled.rewrapped + u64::from(credentials == Some(true)),
    })
}

async fn rewrap_credentials(core: &Core) -> Result<Option<bool>, JobError> {
    let (core, actor) = (core.clone(), core.engine.actor().cloned());
    let work = move || {
        let audit = &*core.audit;
        let context = AuditContext { audit, actor };
        root_credentials::rewrap(&core.credentials, &core.keyring, &*core.random, &context)
    };
    blocking(work).await
}

async fn delete_master(core: &Core, id: &str) -> Result<Outcome, JobError> {
    core.audit.ready()?;
    let keyring = core.keyring.clone();
    // From here on the key wraps nothing new: a retired key never becomes current again.
    blocking(move || keyring.reload()).await?;
    core.keyring.must_be_retired(id)?;
    let in_store = core.engine.wrapped_by_master(id).await?;
    let (core, id, actor) = (core.clone(), id.to_owned(), core.engine.actor().cloned());
    // Runs as one piece: a cancelled command still writes the audit event of its deletion.
    blocking(move || delete_unless_needed(&core, &id, in_store, actor)).await?;
    Ok(Outcome::MasterDeleted)
}

/// Deletes a master key, unless it still wraps `in_store` or other keys, and writes the audit event.
fn delete_unless_needed(core: &Core, id: &str, in_store: u64, actor: Option<Actor>) -> Result<(), JobError> {
    // Hold the lock so that nobody creates credentials wrapped by this key from here on.
    let _lock = root_credentials::lock(&core.credentials)?;
    let of_credentials = root_credentials::master(&core.credentials)?.as_deref() == Some(id);
    let keys = in_store + u64::from(of_credentials);
    if keys > 0 {
        return Err(JobError::MasterInUse {
            id: id.to_owned(),
            keys,
        });
    }
    core.audit.ready()?;
    core.keyring.delete_master(id, &*core.random)?;
    let recorded = core.audit.record(&KeyEvent {
        actor,
        what: KeyUse::Delete,
        bucket: "",
        object: "",
        version: None,
        mode: Some(Mode::Keyring),
        key_id: id,
        result: "ok",
    });
    recorded.map_err(|source| JobError::DeletedUnrecorded {
        id: id.to_owned(),
        source,
    })
}

async fn report_keys(core: &Core, events: &mut Events) -> Result<Outcome, JobError> {
    let report = core
        .engine
        .report_keys(|seen| events.progress(|| format!("checked {}", progress::versions(seen))))
        .await?;
    for usage in report.usage {
        events.row(Row::Usage(Usage {
            bucket: usage.bucket,
            mode: mode_name(usage.mode).to_owned(),
            key_id: usage.key_id,
            key_version: usage.key_version,
            versions: usage.versions,
            uploads: usage.uploads,
            bytes: usage.bytes,
        }));
    }
    for bucket in report.damaged_buckets {
        events.row(Row::DamagedBucket(bucket));
    }
    Ok(Outcome::Reported {
        damaged: report.damaged,
    })
}

async fn verify(core: &Core, request: &Verify, events: &mut Events) -> Result<Outcome, JobError> {
    let mut named = 0;
    let found = |finding: &Finding| {
        Row::Damaged(AboutVersion {
            bucket: finding.bucket.clone(),
            key: finding.object.clone(),
            version: finding.version.clone(),
            what: finding.what.clone(),
        })
    };
    let progress = |done: &Verified| {
        // Report findings as they are found: checking a large store takes days.
        for finding in done.findings.iter().skip(named) {
            events.row(found(finding));
        }
        named = done.findings.len();
        events.progress(|| {
            let seen = progress::versions(done.opened + done.sealed + done.without_key + done.damaged);
            let read = progress::bytes(done.bytes);
            format!("{seen}, {read} read, {} damaged", done.damaged)
        });
    };
    let done = core.engine.verify(request, progress).await?;
    Ok(Outcome::Verified {
        opened: done.opened,
        sealed: done.sealed,
        bytes: done.bytes,
        without_key: done.without_key,
        damaged: done.damaged,
    })
}

async fn rewrap(core: &Core, request: &RewrapBucket, events: &mut Events) -> Result<Outcome, JobError> {
    let mut named = 0;
    let progress = |done: &Rewrapped| {
        for (key, version, why) in done.failed.iter().skip(named) {
            events.row(Row::Failed(AboutVersion {
                bucket: request.bucket.clone(),
                key: key.clone(),
                version: version.clone(),
                what: why.clone(),
            }));
        }
        named = done.failed.len();
        events.progress(|| {
            // Versions written meanwhile may be included.
            let total = done.total.max(done.seen);
            format!(
                "{} {} of {}, rewrapped {}",
                progress::bar(done.seen, total),
                done.seen,
                progress::versions(total),
                done.rewrapped
            )
        });
    };
    let done = core.engine.rewrap_bucket(request, progress).await?;
    Ok(Outcome::Rewrapped {
        seen: done.seen,
        rewrapped: done.rewrapped,
        uploads: done.uploads,
        failures: done.failures,
    })
}
