//! Command line of `strongroom audit`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use strongroom_audit::KeyUse;

use self::arguments::{NotedHash, Since};
use super::location::LocationFlags;

pub(crate) mod arguments;

const AUDIT_VERIFY_EXAMPLES: &str = "\
An intact chain shows that no single part of the log was changed. Anyone who can write to the log can still rewrite
all of it or cut off its end: store the head elsewhere and pass it to a later check.

Examples:
  strongroom audit verify
  strongroom audit verify --data-dir /srv/strongroom
  strongroom audit verify --directory /mnt/archive/audit --expect 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

The exit code is 0 if the log is intact, and 1 if it is not or cannot be read.";

const AUDIT_SHOW_EXAMPLES: &str = "\
Examples:
  strongroom audit show --since 1h
  strongroom audit show --use refuse --since 2026-11-01
  strongroom audit show --bucket vault --key plan.txt
  strongroom audit show --operation DeleteBucketPolicy --since 30d
  strongroom audit show --json | jq -r 'select(.mode == \"SSE-C\") | .who'

This command does not check the hash chain; `strongroom audit verify` does.";

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify that no line of the log was changed, removed, inserted or moved.
    ///
    /// Prints the head: the hash of the last line, which covers the whole log. The server may be running.
    #[command(after_help = AUDIT_VERIFY_EXAMPLES)]
    Verify {
        #[command(flatten)]
        location: LogLocation,
        /// Hash that an earlier check printed as the head; the log must still contain its line. Repeat for more.
        #[arg(long, value_name = "HASH")]
        expect: Vec<NotedHash>,
    },
    /// Show the lines of the log, oldest first.
    #[command(after_help = AUDIT_SHOW_EXAMPLES)]
    Show {
        #[command(flatten)]
        location: LogLocation,
        #[command(flatten)]
        filter: AuditFilter,
    },
}

/// Location of the audit log.
#[derive(Debug, Args)]
pub(crate) struct LogLocation {
    /// Directory of the log [default: the setting audit.directory].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: LocationFlags,
}

/// Filter of `strongroom audit show`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AuditFilter {
    /// Only events of this bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    /// Only events of objects with this key.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Only events of this kind.
    #[arg(long = "use", value_name = "USE", value_parser = PossibleValuesParser::new(KeyUse::NAMES))]
    pub(crate) what: Option<String>,
    /// Only events caused by this access key, or by anonymous, operator or server.
    #[arg(long, value_name = "WHO")]
    pub(crate) who: Option<String>,
    /// Only events of this operation of S3, IAM or STS (with the prefix of its service), or of this command.
    #[arg(long, value_name = "OPERATION")]
    pub(crate) operation: Option<String>,
    /// Only lines since a time (2026-11-23T14:30:00Z), a day (2026-11-23), or an age (15m, 6h, 7d).
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Since>,
    /// Print the lines as stored in the log: JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
