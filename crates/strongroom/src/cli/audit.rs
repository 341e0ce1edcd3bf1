//! The command line of `strongroom audit`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use strongroom_audit::KeyUse;

use self::arguments::{NotedHash, Since};
use super::place::PlaceFlags;

pub(crate) mod arguments;

const AUDIT_VERIFY_EXAMPLES: &str = "\
A chain that holds shows that nobody changed a part of the log. Who can write to it can still make all of it anew, or
cut off its end: note the head somewhere else, and give it to a later check.

Examples:
  strongroom audit verify
  strongroom audit verify --data-dir /srv/strongroom
  strongroom audit verify --directory /mnt/archive/audit --expect 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

The exit code is 0 if the log is whole, and 1 if it is not or cannot be read.";

const AUDIT_SHOW_EXAMPLES: &str = "\
Examples:
  strongroom audit show --since 1h
  strongroom audit show --use refuse --since 2026-11-01
  strongroom audit show --bucket vault --key plan.txt
  strongroom audit show --json | jq -r 'select(.mode == \"SSE-C\") | .who'

The chain is not checked here: that is strongroom audit verify.";

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that the log is whole: that no line was changed, removed, inserted or moved.
    ///
    /// Prints the head: the hash of the last line, which stands for the whole log. The server may be running.
    #[command(after_help = AUDIT_VERIFY_EXAMPLES)]
    Verify {
        #[command(flatten)]
        place: AuditPlace,
        /// Hash that an earlier check printed as the head: its line must still be in the log. Repeat for more.
        #[arg(long, value_name = "HASH")]
        expect: Vec<NotedHash>,
    },
    /// Show the lines of the log, oldest first.
    #[command(after_help = AUDIT_SHOW_EXAMPLES)]
    Show {
        #[command(flatten)]
        place: AuditPlace,
        #[command(flatten)]
        asked: Asked,
    },
}

/// Where the audit log lies.
#[derive(Debug, Args)]
pub(crate) struct AuditPlace {
    /// Directory of the log [default: as the settings say].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceFlags,
}

/// What `strongroom audit show` is asked for.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Asked {
    /// Only uses for this bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    /// Only uses for objects with this key.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Only uses of this kind.
    #[arg(long = "use", value_name = "USE", value_parser = PossibleValuesParser::new(KeyUse::NAMES))]
    pub(crate) what: Option<String>,
    /// Only uses by this access key, anonymous, operator, or server.
    #[arg(long, value_name = "WHO")]
    pub(crate) who: Option<String>,
    /// Only lines since a time (2026-11-23T14:30:00Z), a day (2026-11-23), or so long ago (15m, 6h, 7d).
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Since>,
    /// The lines as they stand in the log: JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
