//! The command line of what works on the store itself: reports, checks, wrapping anew, shredding.

use clap::{Args, Subcommand};

use super::place::PlaceFlags;
use super::sealing::Sealing;

const REPORT_EXAMPLES: &str = "\
Examples:
  strongroom report keys
  strongroom report keys --csv > keys.csv
  strongroom report keys --json | jq '[.usage[] | select(.mode == \"SSE-C\") | .bytes] | add'";

const VERIFY_EXAMPLES: &str = "\
What the store's own keys and those of a key management service seal is opened, every chunk of it. What customers' keys
seal cannot be: its sealed bytes are compared with their checksums.

Examples:
  strongroom verify
  strongroom verify --bucket vault --prefix 2026/ --rate 50

The exit code is 0 if all was checked and nothing is damaged.";

const REWRAP_EXAMPLES: &str = "\
Data keys are wrapped anew, and no data moves: what it costs does not depend on the size of objects. It may be broken
off and run again: what was done is passed over. Versions under Object Lock are wrapped anew too, as their content is not
touched. The older key stays as it is. For what customers' keys seal, copy the object onto itself with both keys.

Examples:
  strongroom rewrap --bucket vault --from sse-s3 --to sse-kms:default
  strongroom rewrap --bucket vault --from sse-kms:old --to sse-kms:new --rate 200
  strongroom rewrap --bucket vault --prefix 2025/ --from sse-kms --to sse-s3

After a new version of a key was made, by which all are to be wrapped:
  strongroom rewrap --bucket vault --from sse-kms:default --to sse-kms:default";

const REWRAP_KEYS_EXAMPLES: &str = "\
After a new master key was made, this wraps the keys of all buckets by it, the store's own, and that of the root
credentials: a few milliseconds for each, while requests are served. It may be broken off and run again: what was done is passed over.

Examples:
  strongroom bucket rewrap-keys
  strongroom bucket rewrap-keys --data-dir /srv/strongroom";

const SHRED_EXAMPLES: &str = "\
Without its key, what is under SSE-S3 in the bucket can be opened by nobody, wherever there is a copy of it; only an older
copy of the index and the master key of then could. The bytes of all objects are removed as well.

Examples:
  strongroom bucket shred vault
      Asks for the name once more.
  strongroom bucket shred vault --yes-shred vault
      Does not ask.";

const PURGE_EXAMPLES: &str = "\
A server keeps keys that the service unwrapped for a while. After a key was disabled or a grant taken back this makes it
ask again at once.

Examples:
  strongroom kms purge-cache
  strongroom kms purge-cache --data-dir /srv/strongroom";

const PREFIX_HELP: &str = "Only objects whose keys begin so";

/// What works on the store itself: on a running server, or without one.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Tell which keys are in use, and for how much.
    #[command(subcommand)]
    Report(ReportCommand),
    /// Check what is stored: envelopes, manifests, every chunk.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyFlags),
    /// Wrap the data keys of a bucket's objects anew, under another key.
    #[command(after_help = REWRAP_EXAMPLES)]
    Rewrap(RewrapFlags),
    /// Wrap the keys of buckets anew, or drop one.
    #[command(subcommand)]
    Bucket(BucketCommand),
    /// What concerns the key management service.
    #[command(subcommand)]
    Kms(KmsCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Show versions and bytes by bucket, mode, key, and version of the key.
    #[command(after_help = REPORT_EXAMPLES)]
    Keys {
        /// Show them as JSON.
        #[arg(long, conflicts_with = "csv")]
        json: bool,
        /// Show them as CSV (RFC 4180).
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        place: PlaceFlags,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyFlags {
    /// Only this bucket [default: all of them].
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    #[arg(long, value_name = "PREFIX", help = PREFIX_HELP)]
    pub(crate) prefix: Option<String>,
    /// Read so many MiB in a second at most.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    #[command(flatten)]
    place: PlaceFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RewrapFlags {
    /// The bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: String,
    #[arg(long, value_name = "PREFIX", help = PREFIX_HELP)]
    pub(crate) prefix: Option<String>,
    /// What seals the versions that are chosen: sse-s3, sse-kms, or sse-kms:KEY with the id or label of a key.
    #[arg(long, value_name = "SEALING")]
    pub(crate) from: Sealing,
    /// What shall seal them; sse-kms alone is the service's default key.
    #[arg(long, value_name = "SEALING")]
    pub(crate) to: Sealing,
    /// Let many objects share a key of the service's (S3 Bucket Keys).
    #[arg(long)]
    pub(crate) bucket_key: bool,
    /// Wrap so many versions in a second at most.
    #[arg(long, value_name = "VERSIONS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    #[command(flatten)]
    place: PlaceFlags,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BucketCommand {
    /// Wrap the keys of all buckets anew, by the current master key.
    #[command(after_help = REWRAP_KEYS_EXAMPLES)]
    RewrapKeys {
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Drop the key of a bucket, and the bucket with all that it holds.
    #[command(after_help = SHRED_EXAMPLES)]
    Shred {
        /// The bucket.
        name: String,
        /// The bucket's name once more: nobody is asked.
        #[arg(long, value_name = "NAME")]
        yes_shred: Option<String>,
        /// Shred it though it has Object Lock, with versions that are to be kept.
        #[arg(long)]
        with_locked: bool,
        #[command(flatten)]
        place: PlaceFlags,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KmsCommand {
    /// Have the server forget the keys that the service unwrapped for it, and what it refused.
    #[command(after_help = PURGE_EXAMPLES)]
    PurgeCache {
        #[command(flatten)]
        place: PlaceFlags,
    },
}

impl StoreCommand {
    /// Takes out where the store is.
    pub(crate) fn take_place(&mut self) -> PlaceFlags {
        std::mem::take(match self {
            Self::Report(ReportCommand::Keys { place, .. })
            | Self::Bucket(BucketCommand::RewrapKeys { place } | BucketCommand::Shred { place, .. })
            | Self::Kms(KmsCommand::PurgeCache { place }) => place,
            Self::Verify(flags) => &mut flags.place,
            Self::Rewrap(flags) => &mut flags.place,
        })
    }
}
