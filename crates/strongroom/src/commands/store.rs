//! Commands on the store: the job of each, and its output.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroU32;

use super::confirm::{self, Action, NotConfirmed};
use super::report::{self, Form, Uncounted};
use crate::admin::about_version::AboutVersion;
use crate::admin::client::{self, ClientError};
use crate::admin::jobs::delete_master::DeleteMaster;
use crate::admin::jobs::purge_cache::PurgeCache;
use crate::admin::jobs::report_keys::{ReportKeys, ReportRow};
use crate::admin::jobs::rewrap::Rewrap;
use crate::admin::jobs::rewrap_keys::RewrapKeys;
use crate::admin::jobs::shred::Shred;
use crate::admin::jobs::verify::{Verified, Verify};
use crate::cli::load::load_location;
use crate::cli::sealing::Sealing;
use crate::cli::store::{BucketCommand, KmsCommand, ReportCommand, RewrapFlags, StoreCommand, VerifyFlags};
use crate::settings::{LogLevel, Settings};
use crate::telemetry::logging;
use crate::terminal::printable::printable;
use crate::terminal::progress::{self, versions};

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
    #[error(
        "{} could not be checked because their KMS keys are not available; the others are not damaged",
        versions(*.0)
    )]
    Unchecked(u64),
    #[error("{} could not be rewrapped and are unchanged", versions(*.0))]
    NotRewrapped(u64),
    #[error("--from and --to are both sse-s3: there is nothing to do")]
    NothingToRewrap,
    #[error("--bucket-key requires --to sse-kms: with sse-s3 the bucket's own key encrypts")]
    NoBucketKey,
}

/// Runs a command and reports the result on `output`.
pub(crate) fn run(mut command: StoreCommand, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let settings = load_location(command.take_location())?.settings;
    // Log warnings to standard error, in case the work is done in this process.
    logging::start(LogLevel::Warn, settings.log_format).map_err(CommandError::Logging)?;
    match command {
        StoreCommand::Kms(KmsCommand::PurgeCache { .. }) => purge_cache(&settings, output)?,
        StoreCommand::Report(ReportCommand::Keys { json, csv, .. }) => {
            let form = match (json, csv) {
                (true, _) => Form::Json,
                (_, true) => Form::Csv,
                _ => Form::Table,
            };
            report_keys(&settings, form, output)?;
        }
        StoreCommand::Verify(flags) => verify(&settings, flags, output)?,
        StoreCommand::Rewrap(flags) => rewrap(&settings, flags, output)?,
        StoreCommand::Bucket(BucketCommand::RewrapKeys { .. }) => rewrap_keys(&settings, output)?,
        StoreCommand::Bucket(BucketCommand::Shred {
            name,
            yes_shred,
            with_locked,
            ..
        }) => {
            confirmed(&Action::shred(&name), yes_shred.as_deref())?;
            shred(&settings, name, with_locked, output)?;
        }
    }
    Ok(())
}

/// Deletes a master key and reports it on `output`. `yes` is the id again; without it the user is asked at the
/// terminal.
pub(crate) fn delete_master(
    settings: &Settings,
    id: String,
    yes: Option<&str>,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    logging::start(LogLevel::Warn, settings.log_format).map_err(CommandError::Logging)?;
    confirmed(&Action::delete_master(&id), yes)?;
    let name = printable(&id).into_owned();
    client::run_without_rows(settings, DeleteMaster { id })?;
    Ok(writeln!(
        output,
        "The master key {name} is deleted from the keyring; it wrapped nothing in this store. Backups and other copies\n\
         of the keyring still contain it: make a new backup, and destroy the old copies.",
    )?)
}

fn confirmed(action: &Action<'_>, yes: Option<&str>) -> Result<(), NotConfirmed> {
    let stdin = io::stdin();
    let is_terminal = stdin.is_terminal();
    confirm::confirm(action, yes, is_terminal, stdin.lock(), io::stderr())
}

fn purge_cache(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    match client::run_on_server(settings, &PurgeCache {})? {
        None => writeln!(
            output,
            "No server runs on {}: there is no cache to purge.",
            settings.data_dir.display()
        )?,
        Some(_) => writeln!(
            output,
            "Unwrapped keys of the key management service are removed from the cache; running requests keep theirs."
        )?,
    }
    Ok(())
}

fn rewrap_keys(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    let done = client::run_without_rows(settings, RewrapKeys {})?;
    Ok(writeln!(
        output,
        "{} keys are under the master key {}: {} were rewrapped, the others already were.\n\
         These are the keys of the buckets, the store's own key and that of the root credentials. Older master keys are\n\
         now needed only for older copies of the store.",
        done.keys, done.master, done.rewrapped
    )?)
}

fn report_keys(settings: &Settings, form: Form, output: &mut impl Write) -> Result<(), CommandError> {
    let (mut usage, mut buckets) = (Vec::new(), Vec::new());
    let mut rows = |row| {
        match row {
            ReportRow::Usage(row) => usage.push(row),
            ReportRow::DamagedBucket(name) => buckets.push(name),
        }
        Ok(())
    };
    let damaged = client::run(settings, ReportKeys {}, &mut rows)?.damaged;
    let uncounted = Uncounted { damaged, buckets };
    report::write(form, &usage, &uncounted, output)?;
    match (damaged, &*uncounted.buckets) {
        (0, []) => Ok(()),
        (damaged, []) => Err(CommandError::Uncounted(damaged)),
        (damaged, buckets) => Err(CommandError::UncountedBuckets {
            buckets: printable(&buckets.join(", ")).into_owned(),
            damaged,
        }),
    }
}

fn verify(settings: &Settings, flags: VerifyFlags, output: &mut impl Write) -> Result<(), CommandError> {
    let job = Verify {
        bucket: flags.bucket,
        prefix: flags.prefix.unwrap_or_default(),
        rate: flags.rate.and_then(NonZeroU32::new),
    };
    let done = client::run(settings, job, &mut |version| line("DAMAGED", &version, output))?;
    output.write_all(summary(&done).as_bytes())?;
    match (done.damaged, done.without_key) {
        (0, 0) => Ok(()),
        (0, without_key) => Err(CommandError::Unchecked(without_key)),
        (damaged, _) => Err(CommandError::Damaged(damaged)),
    }
}

/// Formats the result of `verify`: a line for each group that has versions.
fn summary(done: &Verified) -> String {
    let Verified {
        opened,
        sealed,
        bytes,
        without_key,
        damaged,
    } = *done;
    if opened + sealed + without_key + damaged == 0 {
        return "Nothing to check: no versions.\n".to_owned();
    }
    let rows = [
        (opened, "Decrypted  ", ", every chunk"),
        (
            sealed,
            "SSE-C      ",
            ", not decrypted: the ciphertext matches its checksums",
        ),
        (without_key, "Not checked", ", because KMS keys are not available"),
        (damaged, "Damaged    ", ""),
    ];
    let mut text = String::new();
    // Writing into a String cannot fail.
    for (count, name, note) in rows.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(text, "{name}  {}{note}", versions(count));
    }
    let _ = writeln!(text, "Read         {}", progress::bytes(bytes));
    if damaged + without_key == 0 {
        text.push_str("No damage found.\n");
    }
    text
}

fn rewrap(settings: &Settings, flags: RewrapFlags, output: &mut impl Write) -> Result<(), CommandError> {
    if flags.from == Sealing::S3 && flags.to == Sealing::S3 {
        return Err(CommandError::NothingToRewrap);
    }
    if flags.bucket_key && flags.to == Sealing::S3 {
        return Err(CommandError::NoBucketKey);
    }
    let job = Rewrap {
        bucket: flags.bucket,
        prefix: flags.prefix.unwrap_or_default(),
        from: flags.from,
        to: flags.to,
        bucket_key: flags.bucket_key,
        rate: flags.rate.and_then(NonZeroU32::new),
    };
    let done = client::run(settings, job, &mut |version| line("FAILED", &version, output))?;
    writeln!(
        output,
        "Checked {}, rewrapped {}{}. The old key is unchanged.",
        versions(done.seen),
        done.rewrapped,
        match done.uploads {
            0 => String::new(),
            1 => ", and 1 upload in progress".to_owned(),
            more => format!(", and {more} uploads in progress"),
        }
    )?;
    match done.failures {
        0 => Ok(()),
        failures => Err(CommandError::NotRewrapped(failures)),
    }
}

fn shred(
    settings: &Settings,
    bucket: String,
    with_locked: bool,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let name = printable(&bucket).into_owned();
    client::run_without_rows(settings, Shred { bucket, with_locked })?;
    Ok(writeln!(
        output,
        "The bucket {name} and its key are deleted. Its files are removed from the disk within minutes."
    )?)
}

fn line(word: &str, version: &AboutVersion, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "{word}  {}/{}  version {}: {}",
        printable(&version.bucket),
        printable(&version.key),
        printable(&version.version),
        version.what
    )
}

#[cfg(test)]
mod tests;
