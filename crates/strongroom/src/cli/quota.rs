//! Command line of the commands on quotas and usage.

use clap::{Args, Subcommand};

use super::location::LocationFlags;

const SET_EXAMPLES: &str = "\
Limits that are not named stay as they are. A limit below what is used refuses further writes and deletes nothing.
Deletions, settings and changes of encryption always pass.

Examples:
  strongroom quota set --account museum --bytes 10TiB --buckets 50
  strongroom quota set --account museum --requests-per-second 500 --concurrency 64
  strongroom quota set --bucket museum-paintings --bytes 500GiB --objects 1000000";

const USAGE_EXAMPLES: &str = "\
A row for each bucket and encryption mode. With --days, the rows are the samples of each day (UTC), today included;
deleted buckets are among them.

Examples:
  strongroom usage
  strongroom usage --account museum --days 30 --csv > museum.csv";

const RECOUNT_EXAMPLES: &str = "\
Counts all rows of the bucket, from one moment, and compares the result with the counters. A running server goes on. The
exit code is 0 if all counters were right, or were set right.

Examples:
  strongroom usage recount museum-paintings
  strongroom usage recount --all --mend";

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// Set limits of an account or of a bucket.
    #[command(after_help = SET_EXAMPLES)]
    Set {
        #[command(flatten)]
        of: OwnerFlags,
        #[command(flatten)]
        limits: LimitFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Show the limits of an account or of a bucket, and what is used.
    Show {
        #[command(flatten)]
        of: OwnerFlags,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Remove all limits of an account or of a bucket.
    Clear {
        #[command(flatten)]
        of: OwnerFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
}

/// Owner of a quota.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OwnerFlags {
    /// Id or name of the account.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Name of the bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
}

/// Limits.
#[derive(Debug, Args)]
#[group(id = "limits", required = true, multiple = true)]
pub(crate) struct LimitFlags {
    /// Bytes of all versions and of the parts of unfinished uploads, such as 10GiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) bytes: Option<u64>,
    /// Number of versions, without delete markers; without versioning, of objects.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) objects: Option<u64>,
    /// Number of buckets of the account.
    #[arg(long, value_name = "NUMBER", conflicts_with = "bucket")]
    pub(crate) buckets: Option<u64>,
    /// S3 requests of the account per second.
    #[arg(long, value_name = "NUMBER", conflicts_with = "bucket", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) requests_per_second: Option<u32>,
    /// S3 requests of the account at the same time.
    #[arg(long, value_name = "NUMBER", conflicts_with = "bucket", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) concurrency: Option<u32>,
}

/// Shows usage.
#[derive(Debug, Args)]
#[command(after_help = USAGE_EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct UsageFlags {
    #[command(subcommand)]
    pub(crate) command: Option<UsageCommand>,
    /// Only this account, by its id or name.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Only this bucket.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    /// Show the daily samples of this many days instead of the usage now.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: Option<u32>,
    /// Print a line of JSON for each row.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print CSV (RFC 4180).
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    location: LocationFlags,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsageCommand {
    /// Count the rows of a bucket again, and compare the result with its counters.
    #[command(after_help = RECOUNT_EXAMPLES)]
    Recount {
        /// Name of the bucket.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        bucket: Option<String>,
        /// All buckets.
        #[arg(long)]
        all: bool,
        /// Set wrong counters right.
        #[arg(long)]
        mend: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
}

impl QuotaCommand {
    /// Takes the flags for the location of the store.
    pub(super) fn location(&mut self) -> &mut LocationFlags {
        match self {
            Self::Set { location, .. } | Self::Show { location, .. } | Self::Clear { location, .. } => {
                location
            }
        }
    }
}

impl UsageFlags {
    /// Takes the flags for the location of the store.
    pub(super) fn location(&mut self) -> &mut LocationFlags {
        match &mut self.command {
            Some(UsageCommand::Recount { location, .. }) => location,
            None => &mut self.location,
        }
    }
}

/// Parses a size: a number of bytes, or of a unit.
fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 11] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("PiB", 1 << 50),
        ("kB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("PB", 1_000_000_000_000_000),
        ("B", 1),
    ];
    let wrong =
        || format!("{text:?} is not a size: write a whole number of bytes, or one like 500GiB or 2TB");
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)))
        .unwrap_or((text, 1));
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let bytes = number
        .parse()
        .ok()
        .and_then(|number: u64| number.checked_mul(unit));
    // Counters are signed.
    bytes
        .filter(|bytes| i64::try_from(*bytes).is_ok())
        .ok_or_else(|| format!("{text:?} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_units() {
        assert_eq!(size("0"), Ok(0));
        assert_eq!(size("17"), Ok(17));
        assert_eq!(size("17B"), Ok(17));
        assert_eq!(size("10GiB"), Ok(10 << 30));
        assert_eq!(size("10 GiB"), Ok(10 << 30));
        assert_eq!(size("2TB"), Ok(2_000_000_000_000));
        for wrong in [
            "", "GiB", "-1", "+1", "1.5GiB", "10gib", "1e3", "ten", "1 0", "10GiBB",
        ] {
            assert!(size(wrong).unwrap_err().contains("not a size"), "{wrong:?}");
        }
        for large in ["9000000PiB", "99999999999999999999", "9223372036854775808"] {
            assert!(size(large).unwrap_err().contains("too large"), "{large:?}");
        }
    }
}
