//! `strongroom usage`.

use std::io::{self, Write};

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::usage::{Difference, RecountRow, RecountUsage, ShowUsage, UsageRow};
use crate::cli::quota::{UsageCommand, UsageFlags};
use crate::commands::report::Form;
use crate::settings::Settings;
use crate::terminal::printable::printable;

const COLUMNS: [&str; 9] = [
    "day",
    "account",
    "bucket",
    "mode",
    "objects",
    "versions",
    "bytes",
    "uploads",
    "part_bytes",
];

/// Number of the first columns, which hold text.
const TEXTS: usize = 4;

pub(super) fn run(
    settings: &Settings,
    flags: UsageFlags,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    if let Some(UsageCommand::Recount { bucket, mend, .. }) = flags.command {
        return recount(settings, RecountUsage { bucket, mend }, output);
    }
    let form = match (flags.json, flags.csv) {
        (true, _) => Form::Json,
        (_, true) => Form::Csv,
        _ => Form::Table,
    };
    let job = ShowUsage {
        account: flags.account,
        bucket: flags.bucket,
        days: flags.days,
    };
    let mut table = Vec::new();
    match form {
        Form::Csv => writeln!(output, "{}", COLUMNS.join(","))?,
        Form::Table => table.push(COLUMNS.map(|name| name.replace('_', " ").to_uppercase())),
        Form::Json => {}
    }
    let mut row = |row: UsageRow| -> io::Result<()> {
        match form {
            Form::Json => writeln!(output, "{}", serde_json::to_string(&row)?),
            // Names of buckets, and all else in the row, need no quotes.
            Form::Csv => writeln!(output, "{}", cells(&row).join(",")),
            Form::Table => {
                table.push(cells(&row).map(|cell| printable(&cell).into_owned()));
                Ok(())
            }
        }
    };
    client::run(settings, job, &mut row)?;
    Ok(output.write_all(text(&table).as_bytes())?)
}

fn cells(row: &UsageRow) -> [String; 9] {
    [
        row.day.clone().unwrap_or_else(|| "now".to_owned()),
        row.account.clone(),
        row.bucket.clone(),
        row.mode.clone(),
        row.objects.to_string(),
        row.versions.to_string(),
        row.bytes.to_string(),
        row.uploads.to_string(),
        row.part_bytes.to_string(),
    ]
}

/// Formats a table: texts to the left, numbers to the right.
fn text(table: &[[String; 9]]) -> String {
    let width = |column: usize| {
        let cells = table.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; 9] = std::array::from_fn(width);
    let mut text = String::new();
    for row in table {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column < TEXTS {
                format!("{cell:width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn recount(settings: &Settings, job: RecountUsage, output: &mut impl Write) -> Result<(), CommandError> {
    let mut row = |row: RecountRow| -> io::Result<()> {
        let state = match (row.exact, row.mended) {
            (true, _) => "exact",
            (false, true) => "MENDED",
            (false, false) => "WRONG",
        };
        writeln!(output, "{state:6}  {}", printable(&row.bucket))?;
        for Difference {
            mode,
            what,
            counted,
            rows,
        } in &row.differences
        {
            writeln!(
                output,
                "        {mode} {what}: {counted} by the counters, {rows} by the rows"
            )?;
        }
        if row.unreadable > 0 {
            writeln!(
                output,
                "        {} rows cannot be read: see strongroom verify",
                row.unreadable
            )?;
        }
        Ok(())
    };
    let done = client::run(settings, job, &mut row)?;
    match done.wrong - done.mended.min(done.wrong) {
        0 => Ok(()),
        wrong => Err(CommandError::WrongCounters(wrong)),
    }
}
