//! `strongroom rewrap`.

use std::io::Write;
use std::num::NonZeroU32;

use super::error::CommandError;
use super::version_line::version_line;
use crate::admin::client;
use crate::admin::jobs::rewrap::Rewrap;
use crate::cli::sealing::Sealing;
use crate::cli::store::RewrapFlags;
use crate::settings::Settings;
use crate::terminal::progress::versions;

pub(super) fn run(
    settings: &Settings,
    flags: RewrapFlags,
    output: &mut impl Write,
) -> Result<(), CommandError> {
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
    let done = client::run(settings, job, &mut |version| {
        version_line("FAILED", &version, output)
    })?;
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
