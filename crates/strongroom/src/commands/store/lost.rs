//! Commands on blobs that were set aside.

use std::io::{self, Write};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::admin::client::{self, ClientError};
use crate::admin::protocol::{Job, LostJob, LostRow, Outcome, Row};
use crate::settings::Settings;
use crate::terminal::printable::printable;
use crate::terminal::progress;

/// Reasons why a command did not finish.
#[derive(Debug, thiserror::Error)]
pub(super) enum LostError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    #[error("the server sent an unexpected response")]
    OtherAnswer,
    #[error("the blob {} was not set aside: strongroom lost list shows which were", printable(.0))]
    NotLost(String),
}

/// Does an action on one blob or on all, and reports each on `output`.
pub(super) fn run(
    settings: &Settings,
    action: LostJob,
    blob: Option<String>,
    output: &mut impl Write,
) -> Result<(), LostError> {
    let (mut count, mut bytes) = (0_u64, 0_u64);
    let single = blob.clone();
    let mut rows = |row| {
        if let Row::Lost(LostRow {
            blob,
            bytes: size,
            since,
        }) = row
        {
            count += 1;
            bytes += size;
            writeln!(output, "{blob}  {}  {}", time(since), progress::bytes(size))?;
        }
        Ok(())
    };
    let Outcome::LostDone = client::run(settings, &Job::Lost { action, blob }, &mut rows)? else {
        return Err(LostError::OtherAnswer);
    };
    if let Some(blob) = single.filter(|_| count == 0) {
        return Err(LostError::NotLost(blob));
    }
    let done = match action {
        LostJob::List => "set aside",
        LostJob::Delete => "deleted",
        LostJob::Restore => "restored",
    };
    Ok(writeln!(
        output,
        "{count} blobs {done}, {}",
        progress::bytes(bytes)
    )?)
}

fn time(micros: u64) -> String {
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| "at an unknown time".to_owned())
}
