//! `strongroom lost`: commands on blobs that were set aside.

use std::io::{self, Write};

use super::error::CommandError;
use crate::admin::client;
use crate::admin::job::Job;
use crate::admin::jobs::lost::{DeleteLost, ListLost, LostDone, LostRow, RestoreLost};
use crate::settings::Settings;
use crate::terminal::{progress, time};

pub(super) fn list(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    run(settings, ListLost {}, None, "set aside", output)
}

pub(super) fn delete(
    settings: &Settings,
    blob: Option<String>,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let single = blob.clone();
    run(
        settings,
        DeleteLost {
            all: blob.is_none(),
            blob,
        },
        single,
        "deleted",
        output,
    )
}

pub(super) fn restore(
    settings: &Settings,
    blob: Option<String>,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let single = blob.clone();
    run(
        settings,
        RestoreLost {
            all: blob.is_none(),
            blob,
        },
        single,
        "restored",
        output,
    )
}

/// Runs a job and reports each of its blobs on `output`. `single` is the only blob that it concerns.
fn run<J: Job<Row = LostRow, Outcome = LostDone>>(
    settings: &Settings,
    job: J,
    single: Option<String>,
    done: &str,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let (mut count, mut bytes) = (0_u64, 0_u64);
    let mut row = |row: LostRow| -> io::Result<()> {
        count += 1;
        bytes += row.bytes;
        writeln!(
            output,
            "{}  {}  {}",
            row.blob,
            time::of_seconds(row.since / 1_000_000),
            progress::bytes(row.bytes)
        )
    };
    client::run(settings, job, &mut row)?;
    if let Some(blob) = single.filter(|_| count == 0) {
        return Err(CommandError::NotLost(blob));
    }
    Ok(writeln!(
        output,
        "{count} blobs {done}, {}",
        progress::bytes(bytes)
    )?)
}
