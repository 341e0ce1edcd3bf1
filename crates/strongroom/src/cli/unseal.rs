//! The command line of `strongroom unseal`.

use std::num::ParseIntError;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use strongroom_engine::VersionName;
use strongroom_engine::condition::RangeAsked;

use super::place::PlaceFlags;

const GET_EXAMPLES: &str = "\
Examples:
  strongroom unseal get vault plan.txt --out plan.txt
  strongroom unseal get vault plan.txt --customer-key-file customer.key --out plan.txt
  strongroom unseal get vault film.mkv --range 1114112- --out rest-of-film.mkv
  strongroom unseal get vault plan.txt --store /mnt/old-disk/store --backup keyring-backup.txt \\
      --passphrase-file passphrase.txt --out plan.txt

Nothing is written in the store's directory, and no file is ever written over. The object is written to
FILE.part and gets its name when its last byte has opened.";

const ROWS_HELP: &str = "\
A line for each row: {\"partition\": HEX, \"key\": HEX, \"value\": HEX}. Values are sealed: docs/format.md tells how
to open them, and docs/unseal.md how a reader of your own begins. Needs no key.";

/// What can be asked of the files of a store.
#[derive(Debug, Subcommand)]
pub(crate) enum UnsealCommand {
    /// Open an object and write its content.
    #[command(after_help = GET_EXAMPLES)]
    Get(GetFlags),
    /// Show what is told of an object, as JSON: headers, metadata, length, checksums.
    Head(HeadFlags),
    /// Show which buckets and objects there are.
    List(ListFlags),
    /// Write the sealed rows of the index, for a reader of your own.
    #[command(after_help = ROWS_HELP)]
    Rows(RowsFlags),
}

impl UnsealCommand {
    pub(crate) fn place(&self) -> &UnsealPlace {
        match self {
            Self::Get(flags) => &flags.object.place,
            Self::Head(flags) => &flags.object.place,
            Self::List(flags) => &flags.place,
            Self::Rows(flags) => &flags.place,
        }
    }

    /// The flags that settings are made of.
    pub(crate) fn settings_flags(&mut self) -> PlaceFlags {
        let place = match self {
            Self::Get(flags) => &mut flags.object.place,
            Self::Head(flags) => &mut flags.object.place,
            Self::List(flags) => &mut flags.place,
            Self::Rows(flags) => &mut flags.place,
        };
        std::mem::take(&mut place.settings)
    }
}

/// Where the store and its keys lie.
#[derive(Debug, Args)]
pub(crate) struct UnsealPlace {
    #[command(flatten)]
    settings: PlaceFlags,
    /// The store's directory, with index and blobs in it [default: store in the data directory].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) store: Option<PathBuf>,
    /// Take the keys from this backup of the keyring (strongroom keys export-backup) and not from the keyring.
    #[arg(long, value_name = "FILE", conflicts_with = "keyring")]
    pub(crate) backup: Option<PathBuf>,
    /// Read the passphrase of the backup from this file instead of asking for it.
    #[arg(long, value_name = "FILE", requires = "backup")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Directory in which the index is copied for the time being [default: that of the system for such].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) scratch: Option<PathBuf>,
    /// Look even if a server, or another command, has the store open.
    #[arg(long)]
    pub(crate) running: bool,
}

/// Which object.
#[derive(Debug, Args)]
pub(crate) struct ObjectFlags {
    /// The bucket's name.
    pub(crate) bucket: String,
    /// The object key.
    pub(crate) key: String,
    /// The version [default: the newest].
    #[arg(long, value_name = "ID", value_parser = version)]
    pub(crate) version: Option<VersionName>,
    /// File with the customer key that the object was stored with: 32 raw bytes, base64 or hex.
    #[arg(long, value_name = "FILE")]
    pub(crate) customer_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: UnsealPlace,
}

#[derive(Debug, Args)]
pub(crate) struct GetFlags {
    #[command(flatten)]
    pub(crate) object: ObjectFlags,
    /// Only these bytes, counted from 0, the last one included: FIRST-LAST, or FIRST- for all from there on.
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) range: Option<AskedRange>,
    /// Where to write: a new file, or - for standard output, which may get the beginning of what turns out damaged.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// If the object is damaged, keep FILE.part with what opened before the damage.
    #[arg(long)]
    pub(crate) keep_part: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HeadFlags {
    #[command(flatten)]
    pub(crate) object: ObjectFlags,
}

#[derive(Debug, Args)]
pub(crate) struct ListFlags {
    /// The bucket's name; without it, the buckets are listed.
    pub(crate) bucket: Option<String>,
    /// Only keys that begin with this.
    pub(crate) prefix: Option<String>,
    /// Older versions and delete markers too.
    #[arg(long, requires = "bucket")]
    pub(crate) versions: bool,
    /// A line of JSON for each.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: UnsealPlace,
}

#[derive(Debug, Args)]
pub(crate) struct RowsFlags {
    /// Where to write: a new file, or - for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) place: UnsealPlace,
}

fn version(text: &str) -> Result<VersionName, &'static str> {
    VersionName::read(text).ok_or("a version is 32 lower-case hex digits, or null")
}

/// A range as it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AskedRange(pub(crate) RangeAsked);

/// What was given is no range.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotARange {
    #[error("a range is FIRST-LAST or FIRST-, in bytes from 0")]
    Form,
    #[error(transparent)]
    Number(#[from] ParseIntError),
    #[error("the last byte comes before the first")]
    Backwards,
}

impl FromStr for AskedRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let (first, last) = text.split_once('-').ok_or(NotARange::Form)?;
        let first: u64 = first.parse()?;
        let last = (!last.is_empty()).then(|| last.parse::<u64>()).transpose()?;
        if last.is_some_and(|last| last < first) {
            return Err(NotARange::Backwards);
        }
        Ok(Self(RangeAsked::From(first, last)))
    }
}

#[cfg(test)]
mod tests;
