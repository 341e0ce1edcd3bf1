//! `strongroom audit`: verifies and shows the log. Works while the server runs, and needs no key.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strongroom_audit::log::files;
use strongroom_audit::log::verify::{LogSummary, VerifyError, log_files, verify};
use time::OffsetDateTime;

use self::show::{LineFilter, show};
use crate::cli::audit::AuditFilter;
use crate::cli::audit::arguments::NotedHash;
use crate::terminal::progress::{self, Progress};

mod show;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

/// Reasons why the log was not verified or shown, or errors found in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error("cannot show the audit log in {}", directory.display())]
    Show { directory: PathBuf, source: io::Error },
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Verifies the log in a directory and prints a summary.
pub(crate) fn verify_directory(
    directory: &Path,
    expected: &[NotedHash],
    output: &mut impl Write,
) -> Result<(), AuditError> {
    let total = size(directory);
    let expected: Vec<_> = expected.iter().map(|hash| hash.0).collect();
    let mut progress = Progress::on_stderr();
    let mut done = 0;
    let summary = verify(directory, &expected, |bytes| {
        done += bytes;
        if progress.is_terminal() {
            progress.tell(|| {
                let share = progress::share(done, total);
                format!("{share} of {} checked", progress::bytes(total))
            });
        }
    })?;
    drop(progress);
    output
        .write_all(answer(&summary, expected.len()).as_bytes())
        .map_err(AuditError::Output)
}

fn answer(summary: &LogSummary, expected: usize) -> String {
    let mut text = format!(
        "Files  {}\nLines  {}\nFirst  {} at {}\nLast   {} at {}\nHead   {}\n\nThe chain is intact.\n",
        summary.files,
        summary.lines,
        summary.first.seq,
        summary.first.time,
        summary.last.seq,
        summary.last.time,
        hex::encode(summary.head),
    );
    let mut note = |note: &str| {
        text.push_str(note);
        text.push('\n');
    };
    match expected {
        0 => note(
            "Anyone who can write to these files can also forge an intact chain: store the head elsewhere, and pass it \
             to the next check with --expect.",
        ),
        1 => note("The log contains the expected line."),
        _ => note("The log contains the expected lines."),
    }
    if summary.first.seq > 1 {
        note("Files before the first line were deleted because of audit.keep, as recorded in the log.");
    }
    if summary.torn > 0 {
        note("Lines that were incomplete when a process ended are kept as separate events (event \"torn\").");
    }
    if summary.is_unfinished {
        note("The last line is incomplete: it is being written, or the process was killed while writing it.");
    }
    text
}

/// Returns the size of the log in bytes. Unreadable files are skipped here; the check itself reports them.
fn size(directory: &Path) -> u64 {
    let files = files::list(directory).unwrap_or_default();
    files
        .iter()
        .filter_map(|file| Some(std::fs::metadata(&file.path).ok()?.len()))
        .sum()
}

/// Shows lines of the log in a directory.
pub(crate) fn show_directory(
    directory: &Path,
    filter: AuditFilter,
    now: OffsetDateTime,
    output: &mut impl Write,
) -> Result<(), AuditError> {
    let lines = LineFilter {
        bucket: filter.bucket,
        key: filter.key,
        what: filter.what,
        who: filter.who,
        operation: filter.operation,
        since: filter.since.map(|since| since.written(now)),
    };
    log_files(directory)?;
    match show(directory, &lines, filter.json, output) {
        // The reader closed the pipe, as `| head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(AuditError::Show {
            directory: directory.to_owned(),
            source,
        }),
        Ok(()) => Ok(()),
    }
}
