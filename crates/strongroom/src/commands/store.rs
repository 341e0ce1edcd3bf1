//! Commands on the store: the job of each, and its output.

mod lost;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use super::confirm::{self, Action, NotConfirmed};
use super::report::{self, Form, Uncounted};
use crate::admin::client::{self, ClientError};
use crate::admin::protocol::{AboutVersion, Job, LostJob, Outcome, Row};
use crate::cli::load::load_location;
use crate::cli::sealing::Sealing;
use crate::cli::store::{
    BucketCommand, KmsCommand, LostCommand, ReportCommand, RewrapFlags, StoreCommand, VerifyFlags,
};
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
    #[error("the server sent an unexpected response")]
    OtherAnswer,
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
        StoreCommand::Lost(LostCommand::List { .. }) => lost::run(&settings, LostJob::List, None, output)?,
        StoreCommand::Lost(LostCommand::Restore { which, .. }) => {
            lost::run(&settings, LostJob::Restore, which.blob, output)?;
        }
        StoreCommand::Lost(LostCommand::Delete { which, .. }) => {
            lost::run(&settings, LostJob::Delete, which.blob, output)?;
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
    match client::run(settings, &Job::DeleteMaster { id }, &mut |_| Ok(()))? {
        Outcome::MasterDeleted => Ok(writeln!(
            output,
            "The master key {name} is deleted from the keyring; it wrapped nothing in this store. Backups and other copies\n\
             of the keyring still contain it: make a new backup, and destroy the old copies.",
        )?),
        _ => Err(CommandError::OtherAnswer.into()),
    }
}

fn confirmed(action: &Action<'_>, yes: Option<&str>) -> Result<(), NotConfirmed> {
    let stdin = io::stdin();
    let is_terminal = stdin.is_terminal();
    confirm::confirm(action, yes, is_terminal, stdin.lock(), io::stderr())
}

fn purge_cache(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    match client::run_on_server(settings, &Job::PurgeCache {})? {
        None => Ok(writeln!(
            output,
            "No server runs on {}: there is no cache to purge.",
            settings.data_dir.display()
        )?),
        Some(Outcome::Purged) => Ok(writeln!(
            output,
            "Unwrapped keys of the key management service are removed from the cache; running requests keep theirs."
        )?),
        _ => Err(CommandError::OtherAnswer),
    }
}

fn rewrap_keys(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    match client::run(settings, &Job::RewrapKeys {}, &mut |_| Ok(()))? {
        Outcome::KeysRewrapped {
            master,
            keys,
            rewrapped,
        } => Ok(writeln!(
            output,
            "{keys} keys are under the master key {master}: {rewrapped} were rewrapped, the others already were.\n\
             These are the keys of the buckets, the store's own key and that of the root credentials. Older master keys are\n\
             now needed only for older copies of the store."
        )?),
        _ => Err(CommandError::OtherAnswer),
    }
}

fn report_keys(settings: &Settings, form: Form, output: &mut impl Write) -> Result<(), CommandError> {
    let (mut usage, mut buckets) = (Vec::new(), Vec::new());
    let mut rows = |row| {
        match row {
            Row::Usage(row) => usage.push(row),
            Row::DamagedBucket(name) => buckets.push(name),
            Row::Damaged(_) | Row::Failed(_) | Row::Lost(_) => {}
        }
        Ok(())
    };
    let Outcome::Reported { damaged } = client::run(settings, &Job::ReportKeys {}, &mut rows)? else {
        return Err(CommandError::OtherAnswer);
    };
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
    let job = Job::Verify {
        bucket: flags.bucket,
        prefix: flags.prefix.unwrap_or_default(),
        rate: flags.rate,
    };
    let mut rows = |row: Row| match row {
        Row::Damaged(version) => line("DAMAGED", &version, output),
        _ => Ok(()),
    };
    let Outcome::Verified {
        opened,
        sealed,
        bytes,
        without_key,
        damaged,
    } = client::run(settings, &job, &mut rows)?
    else {
        return Err(CommandError::OtherAnswer);
    };
    output.write_all(summary(opened, sealed, without_key, damaged, bytes).as_bytes())?;
    match (damaged, without_key) {
        (0, 0) => Ok(()),
        (0, without_key) => Err(CommandError::Unchecked(without_key)),
        (damaged, _) => Err(CommandError::Damaged(damaged)),
    }
}

/// Formats the result of `verify`: a line for each group that has versions.
fn summary(opened: u64, sealed: u64, without_key: u64, damaged: u64, bytes: u64) -> String {
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
    let job = Job::Rewrap {
        bucket: flags.bucket,
        prefix: flags.prefix.unwrap_or_default(),
        from: flags.from,
        to: flags.to,
        bucket_key: flags.bucket_key,
        rate: flags.rate,
    };
    let mut rows = |row: Row| match row {
        Row::Failed(version) => line("FAILED", &version, output),
        _ => Ok(()),
    };
    let Outcome::Rewrapped {
        seen,
        rewrapped,
        uploads,
        failures,
    } = client::run(settings, &job, &mut rows)?
    else {
        return Err(CommandError::OtherAnswer);
    };
    writeln!(
        output,
        "Checked {}, rewrapped {rewrapped}{}. The old key is unchanged.",
        versions(seen),
        match uploads {
            0 => String::new(),
            1 => ", and 1 upload in progress".to_owned(),
            more => format!(", and {more} uploads in progress"),
        }
    )?;
    match failures {
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
    match client::run(settings, &Job::Shred { bucket, with_locked }, &mut |_| Ok(()))? {
        Outcome::Shredded => Ok(writeln!(
            output,
            "The bucket {name} and its key are deleted. Its files are removed from the disk within minutes."
        )?),
        _ => Err(CommandError::OtherAnswer),
    }
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
