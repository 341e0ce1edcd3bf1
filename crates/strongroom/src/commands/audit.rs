//! `strongroom audit`: checks and shows the log. The server need not be stopped for it, and no key is needed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strongroom_audit::log::files;
use strongroom_audit::log::verify::{VerifyError, Whole, log_files, verify};
use time::OffsetDateTime;

use self::show::{Filter, show};
use crate::cli::audit::Asked;
use crate::cli::audit::arguments::NotedHash;
use crate::terminal::progress::{self, Progress};

mod show;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

/// Why the log was not checked or shown, or what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error("cannot show the audit log in {}", directory.display())]
    Show { directory: PathBuf, source: io::Error },
    #[error("cannot write the answer")]
    Output(#[source] io::Error),
}

/// Checks the log in a directory, and says what it holds.
pub(crate) fn verify_directory(
    directory: &Path,
    expected: &[NotedHash],
    output: &mut impl Write,
) -> Result<(), AuditError> {
    let total = size(directory);
    let expected: Vec<_> = expected.iter().map(|noted| noted.0).collect();
    let mut progress = Progress::on_stderr();
    let mut done = 0;
    let whole = verify(directory, &expected, |bytes| {
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
        .write_all(answer(&whole, expected.len()).as_bytes())
        .map_err(AuditError::Output)
}

fn answer(whole: &Whole, expected: usize) -> String {
    let mut text = format!(
        "Files  {}\nLines  {}\nFirst  {} at {}\nLast   {} at {}\nHead   {}\n\nThe chain holds.\n",
        whole.files,
        whole.lines,
        whole.first.0,
        whole.first.1,
        whole.last.0,
        whole.last.1,
        hex::encode(whole.head),
    );
    let mut note = |note: &str| {
        text.push_str(note);
        text.push('\n');
    };
    match expected {
        0 => note(
            "Whoever can write to these files can make a chain that holds: note the head elsewhere, and give it to the \
             next check with --expect.",
        ),
        1 => note("The expected line is in it."),
        _ => note("The expected lines are in it."),
    }
    if whole.first.0 > 1 {
        note("Files before the first line were removed because of audit.keep, as the log says.");
    }
    if whole.torn > 0 {
        note("Lines that were torn when a process ended are kept in lines of their own (event \"torn\").");
    }
    if whole.is_unfinished {
        note("The last line has no end: it is being written, or the process was killed over it.");
    }
    text
}

/// Bytes of the log; what cannot be read is told by who reads it.
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
    asked: Asked,
    now: OffsetDateTime,
    output: &mut impl Write,
) -> Result<(), AuditError> {
    let filter = Filter {
        bucket: asked.bucket,
        key: asked.key,
        what: asked.what,
        who: asked.who,
        since: asked.since.map(|since| since.written(now)),
    };
    log_files(directory)?;
    match show(directory, &filter, asked.json, output) {
        // The reader has seen enough: `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(AuditError::Show {
            directory: directory.to_owned(),
            source,
        }),
        Ok(()) => Ok(()),
    }
}
