//! Command line of the commands that work on the store: reports, checks, rewrapping, shredding.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::account::AccountCommand;
use super::location::LocationFlags;
use super::policy::PolicyCommand;
use super::quota::{QuotaCommand, UsageFlags};
use super::sealing::Sealing;

const REPORT_EXAMPLES: &str = "\
Examples:
  strongroom report keys
  strongroom report keys --csv > keys.csv
  strongroom report keys --json | jq '[.usage[] | select(.mode == \"SSE-C\") | .bytes] | add'";

const STATUS_EXAMPLES: &str = "\
Examples:
  strongroom status
  strongroom status --head >> /mnt/elsewhere/heads.txt";

const SNAPSHOT_EXAMPLES: &str = "\
On the file system of the store, the files are hard links: a snapshot takes seconds and no space until objects are
deleted. On another one they are copied. Everything that was acknowledged before the command is in the snapshot. A
running server goes on; deletions of files wait while the files are linked.

Examples:
  strongroom snapshot /srv/snapshots/2026-11-30
  strongroom snapshot /mnt/backup/2026-11-30 --previous /mnt/backup/2026-11-29";

const RESTORE_EXAMPLES: &str = "\
No server may run. The directory `store` in the data directory must not exist. Keyring and root credentials are not part
of a snapshot and are used as they are.

Examples:
  mv strongroom-data/store strongroom-data/store.lost
  strongroom restore /srv/snapshots/2026-11-30 --keys-of strongroom-data/store.lost
      The state of the snapshot.
  strongroom restore /srv/snapshots/2026-11-30 --log-of strongroom-data/store.lost
      The state of the last commit, if the log goes back to the snapshot.
  strongroom restore /srv/snapshots/2026-11-30 --log-of strongroom-data/store.lost --until 2026-11-30T12:00:00Z
      The state of this time, if the store has a history (store.history_days).";

const REBUILD_EXAMPLES: &str = "\
No server may run. This needs every commit since the snapshot in the log: keep a history (store.history_days), or take
snapshots often. Without, use strongroom restore for the state of the snapshot, or strongroom repair for what is left.

Examples:
  strongroom index rebuild --snapshot /srv/snapshots/2026-11-30 --out strongroom-data/store.rebuilt";

const REPAIR_EXAMPLES: &str = "\
No server may run. The damaged store is not changed. Prefer a snapshot if you have one: strongroom restore.

Examples:
  strongroom repair --out strongroom-data/store.repaired";

const VERIFY_EXAMPLES: &str = "\
Everything encrypted with the store's own keys or those of a key management service is decrypted, every chunk of it.
SSE-C data cannot be decrypted; its ciphertext is compared with its checksums.

Examples:
  strongroom verify
  strongroom verify --bucket vault --prefix 2026/ --rate 50

The exit code is 0 if everything was checked and nothing is damaged.";

const REWRAP_EXAMPLES: &str = "\
Only data keys are rewrapped; no object data is rewritten, so the cost does not depend on the size of objects. The
command can be interrupted and run again: finished versions are skipped. Versions under Object Lock are rewrapped too,
because their content does not change. The old key stays. For SSE-C objects, copy the object onto itself with both keys.

Examples:
  strongroom rewrap --bucket vault --from sse-s3 --to sse-kms:default
  strongroom rewrap --bucket vault --from sse-kms:old --to sse-kms:new --rate 200
  strongroom rewrap --bucket vault --prefix 2025/ --from sse-kms --to sse-s3

To rewrap everything after a new version of a key was created:
  strongroom rewrap --bucket vault --from sse-kms:default --to sse-kms:default";

const REWRAP_KEYS_EXAMPLES: &str = "\
Run this after a new master key was created: it rewraps the keys of all buckets, the store's own key and that of the
root credentials. Each takes a few milliseconds, and the server keeps serving requests. The command can be interrupted
and run again: finished keys are skipped.

Examples:
  strongroom bucket rewrap-keys
  strongroom bucket rewrap-keys --data-dir /srv/strongroom";

const SHRED_EXAMPLES: &str = "\
Without its key, nobody can decrypt the SSE-S3 data of the bucket, in any copy. The only exception is an older copy of
the index together with the master key of that time. The files of all objects are deleted as well.

Examples:
  strongroom bucket shred vault
      Asks to type the name again.
  strongroom bucket shred vault --yes-shred vault
      Does not ask.";

const PURGE_EXAMPLES: &str = "\
The server caches keys that the service unwrapped. Run this after disabling a key or revoking a grant: the server then
contacts the service again at once.

Examples:
  strongroom kms purge-cache
  strongroom kms purge-cache --data-dir /srv/strongroom";

const LOST_EXAMPLES: &str = "\
At its start the server sets aside blobs that no row of the index refers to. A crash leaves a few: uploads that were about
to be committed. More are a sign that the index lost rows, and then these blobs are all that is left of the objects. They
are deleted after 30 days (store.lost_days).

To use them again: stop the server, put back the index that refers to them, run restore, start the server.

Examples:
  strongroom lost list
  strongroom lost restore --all
  strongroom lost delete 5b0c…/9e41…";

const PREFIX_HELP: &str = "Only objects whose keys begin with this prefix";

/// Commands that work on the store, with a running server or without one.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Show which keys are in use, and for how much data.
    #[command(subcommand)]
    Report(ReportCommand),
    /// Show the store's id and its last commit.
    #[command(after_help = STATUS_EXAMPLES)]
    Status {
        /// Print one line: id, number of the last commit, chain value. Note it elsewhere: a store that was rolled back to an
        /// older state of all its files does not contain it.
        #[arg(long)]
        head: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Write a consistent copy of the store to a new directory while it is used.
    #[command(after_help = SNAPSHOT_EXAMPLES)]
    Snapshot {
        /// New directory.
        directory: PathBuf,
        /// Earlier snapshot on the same file system as the new one: blobs that it has too are not copied again.
        #[arg(long, value_name = "SNAPSHOT")]
        previous: Option<PathBuf>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Write the store of the data directory from a snapshot.
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// Directory of the snapshot, which is not changed.
        snapshot: PathBuf,
        /// Store directory whose wrapped keys are used instead of those of the snapshot: what was shredded since stays
        /// shredded.
        #[arg(long, value_name = "STORE")]
        keys_of: Option<PathBuf>,
        #[command(flatten)]
        forward: ForwardFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Write a new store when the index is lost.
    #[command(subcommand)]
    Index(IndexCommand),
    /// Write a new store from what can be read of a damaged one, and name what is lost.
    #[command(after_help = REPAIR_EXAMPLES)]
    Repair {
        /// New directory for the store.
        #[arg(long, value_name = "DIRECTORY")]
        out: PathBuf,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Check stored data: envelopes, manifests, every chunk.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyFlags),
    /// Rewrap the data keys of a bucket's objects under another key.
    #[command(after_help = REWRAP_EXAMPLES)]
    Rewrap(RewrapFlags),
    /// Rewrap the keys of buckets, or shred one.
    #[command(subcommand)]
    Bucket(BucketCommand),
    /// List, restore or delete blobs that no row refers to.
    #[command(subcommand)]
    Lost(LostCommand),
    /// Key management service commands.
    #[command(subcommand)]
    Kms(KmsCommand),
    /// Create, list, suspend and delete accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Explain what policies decide.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Set, show and remove limits of accounts and buckets.
    #[command(subcommand)]
    Quota(QuotaCommand),
    /// Show what accounts and buckets hold, by encryption mode.
    Usage(Box<UsageFlags>),
}

/// Flags that bring a snapshot forward.
#[derive(Debug, Args)]
pub(crate) struct ForwardFlags {
    /// Store directory from which the snapshot was taken: its commit log brings the snapshot forward to the last commit.
    /// Its blobs and, unless --keys-of is given, its wrapped keys are used.
    #[arg(long, value_name = "STORE")]
    pub(crate) log_of: Option<PathBuf>,
    /// Restore the state at this time, such as 2026-11-30T12:00:00Z. The store must have kept a history since then
    /// (`store.history_days`).
    #[arg(long, value_name = "TIME", requires = "log_of", value_parser = time)]
    pub(crate) until: Option<u64>,
    /// Restore the state after this commit.
    #[arg(long, value_name = "NUMBER", requires = "log_of", conflicts_with = "until")]
    pub(crate) commit: Option<u64>,
}

/// Parses a time of RFC 3339 to seconds since 1970.
fn time(text: &str) -> Result<u64, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.ok()
        .and_then(|time| u64::try_from(time.unix_timestamp()).ok())
        .ok_or_else(|| "write it like 2026-11-30T12:00:00Z or 2026-11-30T13:00:00+01:00".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Write a new store from a snapshot and the commit log of the store whose index is lost or damaged.
    #[command(after_help = REBUILD_EXAMPLES)]
    Rebuild {
        /// Directory of a snapshot of this store. Neither is changed.
        #[arg(long, value_name = "DIRECTORY")]
        snapshot: PathBuf,
        /// New directory for the store.
        #[arg(long, value_name = "DIRECTORY")]
        out: PathBuf,
        #[command(flatten)]
        location: LocationFlags,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Show versions and bytes by bucket, mode, key and key version.
    #[command(after_help = REPORT_EXAMPLES)]
    Keys {
        /// Print JSON.
        #[arg(long, conflicts_with = "csv")]
        json: bool,
        /// Print CSV (RFC 4180).
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyFlags {
    /// Only this bucket [default: all buckets].
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    #[arg(long, value_name = "PREFIX", help = PREFIX_HELP)]
    pub(crate) prefix: Option<String>,
    /// Read at most this many MiB per second.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    #[command(flatten)]
    location: LocationFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RewrapFlags {
    /// Name of the bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: String,
    #[arg(long, value_name = "PREFIX", help = PREFIX_HELP)]
    pub(crate) prefix: Option<String>,
    /// Current encryption of the versions to rewrap: sse-s3, sse-kms, or sse-kms:KEY with the id or label of a key.
    #[arg(long, value_name = "ENCRYPTION")]
    pub(crate) from: Sealing,
    /// New encryption; sse-kms without KEY uses the service's default key.
    #[arg(long, value_name = "ENCRYPTION")]
    pub(crate) to: Sealing,
    /// Share one of the service's keys between many objects (S3 Bucket Keys).
    #[arg(long)]
    pub(crate) bucket_key: bool,
    /// Rewrap at most this many versions per second.
    #[arg(long, value_name = "VERSIONS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    #[command(flatten)]
    location: LocationFlags,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BucketCommand {
    /// Rewrap the keys of all buckets under the current master key.
    #[command(after_help = REWRAP_KEYS_EXAMPLES)]
    RewrapKeys {
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Delete the key of a bucket, and the bucket with everything in it.
    #[command(after_help = SHRED_EXAMPLES)]
    Shred {
        /// Name of the bucket.
        name: String,
        /// Name of the bucket again, to skip the confirmation prompt.
        #[arg(long, value_name = "NAME")]
        yes_shred: Option<String>,
        /// Shred even if Object Lock protects versions in the bucket.
        #[arg(long)]
        with_locked: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KmsCommand {
    /// Clear the server's cache of unwrapped keys and of refusals.
    #[command(after_help = PURGE_EXAMPLES)]
    PurgeCache {
        #[command(flatten)]
        location: LocationFlags,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LostCommand {
    /// List the blobs that were set aside, with their size and the time of that.
    #[command(after_help = LOST_EXAMPLES)]
    List {
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Put blobs back, after the index that refers to them was put back.
    #[command(after_help = LOST_EXAMPLES)]
    Restore {
        #[command(flatten)]
        which: LostFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Delete blobs that were set aside.
    #[command(after_help = LOST_EXAMPLES)]
    Delete {
        #[command(flatten)]
        which: LostFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct LostFlags {
    /// Id of a blob, as listed.
    pub(crate) blob: Option<String>,
    /// All blobs.
    #[arg(long)]
    all: bool,
}

impl StoreCommand {
    /// Takes the flags for the location of the store.
    pub(crate) fn take_location(&mut self) -> LocationFlags {
        std::mem::take(match self {
            Self::Report(ReportCommand::Keys { location, .. })
            | Self::Bucket(BucketCommand::RewrapKeys { location } | BucketCommand::Shred { location, .. })
            | Self::Kms(KmsCommand::PurgeCache { location })
            | Self::Status { location, .. }
            | Self::Snapshot { location, .. }
            | Self::Restore { location, .. }
            | Self::Index(IndexCommand::Rebuild { location, .. })
            | Self::Repair { location, .. }
            | Self::Lost(
                LostCommand::List { location }
                | LostCommand::Restore { location, .. }
                | LostCommand::Delete { location, .. },
            ) => location,
            Self::Account(command) => command.location(),
            Self::Policy(command) => command.location(),
            Self::Quota(command) => command.location(),
            Self::Usage(flags) => flags.location(),
            Self::Verify(flags) => &mut flags.location,
            Self::Rewrap(flags) => &mut flags.location,
        })
    }
}
