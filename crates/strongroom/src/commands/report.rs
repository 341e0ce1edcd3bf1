//! Report of the keys in use, as a table, JSON, or CSV (RFC 4180).

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::json;

use crate::admin::jobs::report_keys::Usage;
use crate::terminal::printable::printable;
use crate::terminal::progress;

#[cfg(test)]
mod tests;

/// Format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Table,
    Json,
    Csv,
}

const COLUMNS: [&str; 7] = [
    "bucket",
    "mode",
    "key_id",
    "key_version",
    "versions",
    "uploads",
    "bytes",
];

/// Objects that could not be counted.
#[derive(Debug)]
pub(crate) struct Uncounted {
    /// Number of versions and uploads.
    pub(crate) damaged: u64,
    /// Names of whole buckets.
    pub(crate) buckets: Vec<String>,
}

/// Writes a report.
pub(crate) fn write(
    form: Form,
    usage: &[Usage],
    uncounted: &Uncounted,
    output: &mut impl Write,
) -> io::Result<()> {
    match form {
        Form::Table => table(usage, output),
        Form::Json => {
            let report = json!({
                "usage": usage,
                "damaged": uncounted.damaged,
                "damaged_buckets": uncounted.buckets,
            });
            serde_json::to_writer_pretty(&mut *output, &report)?;
            writeln!(output)
        }
        Form::Csv => csv(usage, output),
    }
}

fn table(usage: &[Usage], output: &mut impl Write) -> io::Result<()> {
    let mut rows = vec![
        [
            "BUCKET",
            "MODE",
            "KEY",
            "KEY VERSION",
            "VERSIONS",
            "UPLOADS",
            "BYTES",
        ]
        .map(str::to_owned),
    ];
    let or_none = |text: &str| match text {
        "" => "-".to_owned(),
        text => printable(text).into_owned(),
    };
    rows.extend(usage.iter().map(|usage| {
        [
            printable(&usage.bucket).into_owned(),
            usage.mode.clone(),
            or_none(&usage.key_id),
            or_none(&usage.key_version),
            usage.versions.to_string(),
            usage.uploads.to_string(),
            progress::bytes(usage.bytes),
        ]
    }));
    let sum = |of: fn(&Usage) -> u64| usage.iter().map(of).fold(0, u64::saturating_add);
    rows.push([
        "all".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        sum(|usage| usage.versions).to_string(),
        sum(|usage| usage.uploads).to_string(),
        progress::bytes(sum(|usage| usage.bytes)),
    ]);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    for row in &rows {
        let [bucket, mode, key, version, versions, uploads, bytes] = row;
        let [w_bucket, w_mode, w_key, w_version, w_versions, w_uploads, w_bytes] = widths;
        writeln!(
            output,
            "{bucket:w_bucket$}  {mode:w_mode$}  {key:w_key$}  {version:w_version$}  {versions:>w_versions$}  \
             {uploads:>w_uploads$}  {bytes:>w_bytes$}"
        )?;
    }
    Ok(())
}

fn csv(usage: &[Usage], output: &mut impl Write) -> io::Result<()> {
    write!(output, "{}\r\n", COLUMNS.join(","))?;
    for usage in usage {
        let cells = [
            field(&usage.bucket),
            field(&usage.mode),
            field(&usage.key_id),
            field(&usage.key_version),
            usage.versions.to_string().into(),
            usage.uploads.to_string().into(),
            usage.bytes.to_string().into(),
        ];
        write!(output, "{}\r\n", cells.join(","))?;
    }
    Ok(())
}

fn field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}
