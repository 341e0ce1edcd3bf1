//! Command line of `strongroom unseal`.

use std::num::ParseIntError;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use strongroom_engine::VersionName;
use strongroom_engine::model::condition::ByteRange;

use super::location::LocationFlags;

const GET_EXAMPLES: &str = "\
Examples:
  strongroom unseal get vault plan.txt --out plan.txt
  strongroom unseal get vault plan.txt --customer-key-file customer.key --out plan.txt
  strongroom unseal get vault film.mkv --range 1114112- --out rest-of-film.mkv
  strongroom unseal get vault plan.txt --store /mnt/old-disk/store --backup keyring-backup.txt \\
      --passphrase-file passphrase.txt --out plan.txt

Nothing is written to the store's directory, and no file is ever overwritten. The object is written to
FILE.part, which is renamed to FILE when the last byte is decrypted.";

const ROWS_HELP: &str = "\
Prints one line per row: {\"partition\": HEX, \"key\": HEX, \"value\": HEX}. Values are encrypted: docs/format.md
explains how to decrypt them, and docs/unseal.md how to start a reader of your own. Needs no key.";

/// Commands on the files of a store.
#[derive(Debug, Subcommand)]
pub(crate) enum UnsealCommand {
    /// Decrypt an object and write its content.
    #[command(after_help = GET_EXAMPLES)]
    Get(GetFlags),
    /// Show headers, metadata, length and checksums of an object as JSON.
    Head(HeadFlags),
    /// List buckets or objects.
    List(ListFlags),
    /// Write the encrypted rows of the index, for a reader of your own.
    #[command(after_help = ROWS_HELP)]
    Rows(RowsFlags),
}

impl UnsealCommand {
    pub(crate) fn location(&self) -> &StoreLocation {
        match self {
            Self::Get(flags) => &flags.object.location,
            Self::Head(flags) => &flags.object.location,
            Self::List(flags) => &flags.location,
            Self::Rows(flags) => &flags.location,
        }
    }

    /// Takes the flags from which settings are loaded.
    pub(crate) fn settings_flags(&mut self) -> LocationFlags {
        let location = match self {
            Self::Get(flags) => &mut flags.object.location,
            Self::Head(flags) => &mut flags.object.location,
            Self::List(flags) => &mut flags.location,
            Self::Rows(flags) => &mut flags.location,
        };
        std::mem::take(&mut location.settings)
    }
}

/// Location of the store and its keys.
#[derive(Debug, Args)]
pub(crate) struct StoreLocation {
    #[command(flatten)]
    settings: LocationFlags,
    /// Directory of the store, with index and blobs [default: store in the data directory].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) store: Option<PathBuf>,
    /// Use the keys in this backup of the keyring (strongroom keys export-backup) instead of the keyring.
    #[arg(long, value_name = "FILE", conflicts_with = "keyring")]
    pub(crate) backup: Option<PathBuf>,
    /// Read the passphrase of the backup from this file [default: ask at the terminal].
    #[arg(long, value_name = "FILE", requires = "backup")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Directory for a temporary copy of the index [default: the system's directory for temporary files].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) scratch: Option<PathBuf>,
    /// Read the store even if a server or another command has it open.
    #[arg(long)]
    pub(crate) running: bool,
}

/// Object to decrypt.
#[derive(Debug, Args)]
pub(crate) struct ObjectFlags {
    /// Name of the bucket.
    pub(crate) bucket: String,
    /// Key of the object.
    pub(crate) key: String,
    /// Version of the object [default: the newest].
    #[arg(long, value_name = "ID", value_parser = version)]
    pub(crate) version: Option<VersionName>,
    /// File with the customer key of the object: 32 raw bytes, base64 or hex.
    #[arg(long, value_name = "FILE")]
    pub(crate) customer_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) location: StoreLocation,
}

#[derive(Debug, Args)]
pub(crate) struct GetFlags {
    #[command(flatten)]
    pub(crate) object: ObjectFlags,
    /// Byte range, counted from 0, including LAST: FIRST-LAST, or FIRST- for everything from there on.
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) range: Option<RangeFlag>,
    /// New file to write, or - for standard output, which may receive the beginning of an object that is damaged later.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// If the object is damaged, keep the bytes before the damage in FILE.part.
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
    /// Name of the bucket [default: list the buckets].
    pub(crate) bucket: Option<String>,
    /// Only keys that begin with this prefix.
    pub(crate) prefix: Option<String>,
    /// Also list older versions and delete markers.
    #[arg(long, requires = "bucket")]
    pub(crate) versions: bool,
    /// Print one line of JSON per entry.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) location: StoreLocation,
}

#[derive(Debug, Args)]
pub(crate) struct RowsFlags {
    /// New file to write, or - for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) location: StoreLocation,
}

fn version(text: &str) -> Result<VersionName, &'static str> {
    VersionName::read(text).ok_or("a version is 32 lower-case hex digits, or null")
}

/// Byte range as given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RangeFlag(pub(crate) ByteRange);

/// Errors for text that is not a range.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotARange {
    #[error("a range is FIRST-LAST or FIRST-, in bytes counted from 0")]
    Form,
    #[error(transparent)]
    Number(#[from] ParseIntError),
    #[error("the last byte comes before the first")]
    Backwards,
}

impl FromStr for RangeFlag {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let (first, last) = text.split_once('-').ok_or(NotARange::Form)?;
        let first: u64 = first.parse()?;
        let last = (!last.is_empty()).then(|| last.parse::<u64>()).transpose()?;
        if last.is_some_and(|last| last < first) {
            return Err(NotARange::Backwards);
        }
        Ok(Self(ByteRange::From(first, last)))
    }
}

#[cfg(test)]
mod tests;
