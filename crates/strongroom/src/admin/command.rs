//! The commands: what each asks for, and how it tells what came of it.

use std::error::Error;
use std::io::{self, IsTerminal, Write};

use super::client::{self, ClientError};
use super::confirm;
use super::protocol::{AboutVersion, Job, Outcome, Row};
use super::report::{self, Form};
use crate::cli::{BucketCommand, KmsCommand, ReportCommand, RewrapFlags, StoreCommand, VerifyFlags};
use crate::logging;
use crate::printable::printable;
use crate::progress::{self, versions};
use crate::settings::{LogLevel, Settings};

/// What a command did not do to the end, or what it found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("cannot set up logging")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error("cannot write the answer")]
    Output(#[from] io::Error),
    #[error("the server answered something else than it was asked for")]
    OtherAnswer,
    #[error("{} could not be counted, the rows being damaged: strongroom verify tells which", versions(*.0))]
    Uncounted(u64),
    #[error("damage was found in {}", versions(*.0))]
    Damaged(u64),
    #[error(
        "{} could not be checked, as the KMS keys cannot be had; no damage was found in the others",
        versions(*.0)
    )]
    Unchecked(u64),
    #[error("{} could not be wrapped anew, and stay as they were", versions(*.0))]
    NotRewrapped(u64),
    #[error("--from and --to are both sse-s3: there is nothing to do")]
    NothingToRewrap,
    #[error("--bucket-key goes only with --to sse-kms: under sse-s3 the bucket's own key seals")]
    NoBucketKey,
}

/// Carries out a command and tells on `output` what was done.
pub(crate) fn run(mut command: StoreCommand, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let settings = crate::load_place(command.take_place())?.settings;
    // On standard error, beside what the command itself says there: alarms, if the work is done in this process.
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
        StoreCommand::Verify(asked) => verify(&settings, asked, output)?,
        StoreCommand::Rewrap(asked) => rewrap(&settings, asked, output)?,
        StoreCommand::Bucket(BucketCommand::RewrapKeys { .. }) => rewrap_keys(&settings, output)?,
        StoreCommand::Bucket(BucketCommand::Shred {
            name,
            yes_shred,
            with_locked,
            ..
        }) => {
            let stdin = io::stdin();
            let is_terminal = stdin.is_terminal();
            confirm::shred(
                &name,
                yes_shred.as_deref(),
                is_terminal,
                stdin.lock(),
                io::stderr(),
            )?;
            shred(&settings, name, with_locked, output)?;
        }
    }
    Ok(())
}

fn purge_cache(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    match client::run_on_server(settings, &Job::PurgeCache {})? {
        None => Ok(writeln!(
            output,
            "No server runs on {}: there is nothing to forget.",
            settings.data_dir.display()
        )?),
        Some(Outcome::Purged) => Ok(writeln!(
            output,
            "Unwrapped keys of the key management service are forgotten; requests under way keep theirs to their end."
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
            "{keys} keys are under the master key {master}: {rewrapped} were wrapped anew, the others were already.\n\
             The older master keys are needed for them no longer, but for copies of the store that were made before."
        )?),
        _ => Err(CommandError::OtherAnswer),
    }
}

fn report_keys(settings: &Settings, form: Form, output: &mut impl Write) -> Result<(), CommandError> {
    let mut usage = Vec::new();
    let mut rows = |row| {
        if let Row::Usage(row) = row {
            usage.push(row);
        }
        Ok(())
    };
    let Outcome::Reported { damaged } = client::run(settings, &Job::ReportKeys {}, &mut rows)? else {
        return Err(CommandError::OtherAnswer);
    };
    report::write(form, &usage, damaged, output)?;
    match damaged {
        0 => Ok(()),
        damaged => Err(CommandError::Uncounted(damaged)),
    }
}

fn verify(settings: &Settings, asked: VerifyFlags, output: &mut impl Write) -> Result<(), CommandError> {
    let job = Job::Verify {
        bucket: asked.bucket,
        prefix: asked.prefix.unwrap_or_default(),
        rate: asked.rate,
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
    writeln!(
        output,
        "Opened       {}, every chunk\n\
         Sealed       {} under customers' keys: the sealed bytes are as they were written\n\
         Not checked  {}, as the KMS keys cannot be had\n\
         Damaged      {}\n\
         Read         {}",
        versions(opened),
        versions(sealed),
        versions(without_key),
        versions(damaged),
        progress::bytes(bytes)
    )?;
    match (damaged, without_key) {
        (0, 0) => Ok(()),
        (0, without_key) => Err(CommandError::Unchecked(without_key)),
        (damaged, _) => Err(CommandError::Damaged(damaged)),
    }
}

fn rewrap(settings: &Settings, asked: RewrapFlags, output: &mut impl Write) -> Result<(), CommandError> {
    if asked.from == super::Sealing::S3 && asked.to == super::Sealing::S3 {
        return Err(CommandError::NothingToRewrap);
    }
    if asked.bucket_key && asked.to == super::Sealing::S3 {
        return Err(CommandError::NoBucketKey);
    }
    let job = Job::Rewrap {
        bucket: asked.bucket,
        prefix: asked.prefix.unwrap_or_default(),
        from: asked.from,
        to: asked.to,
        bucket_key: asked.bucket_key,
        rate: asked.rate,
    };
    let mut rows = |row: Row| match row {
        Row::Failed(version) => line("FAILED", &version, output),
        _ => Ok(()),
    };
    let Outcome::Rewrapped {
        seen,
        rewrapped,
        failures,
    } = client::run(settings, &job, &mut rows)?
    else {
        return Err(CommandError::OtherAnswer);
    };
    writeln!(
        output,
        "Looked at {}, wrapped {rewrapped} anew. The key that they were under stays as it is.",
        versions(seen)
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
    let told = printable(&bucket).into_owned();
    match client::run(settings, &Job::Shred { bucket, with_locked }, &mut |_| Ok(()))? {
        Outcome::Shredded => Ok(writeln!(
            output,
            "The bucket {told} is gone, and its key. What it held is removed from the disk within minutes."
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
