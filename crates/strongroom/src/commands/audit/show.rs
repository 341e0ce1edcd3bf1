//! Prints lines of a log for people or programs: all of them, or those that match a filter.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use serde::Deserialize;
use strongroom_audit::log::files;
use strongroom_audit::log::line::{Line, Mark};
use strongroom_audit::log::read::Lines;

use crate::terminal::printable::printable;

#[cfg(test)]
mod tests;

/// Filter for the lines to show. Fields that are `None` match every line.
#[derive(Debug, Clone, Default)]
pub(super) struct LineFilter {
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    /// Name as in [`strongroom_audit::KeyUse::name`].
    pub(super) what: Option<String>,
    /// Access key id, `anonymous`, `server`, or `operator` with or without a user id.
    pub(super) who: Option<String>,
    /// Time in the format of the log.
    pub(super) since: Option<String>,
}

/// Use of a key, as read from the log.
#[derive(Deserialize)]
struct Use {
    time: String,
    who: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    request: String,
    address: Option<String>,
    #[serde(rename = "use")]
    what: String,
    #[serde(default)]
    bucket: String,
    #[serde(default)]
    key: String,
    version: Option<String>,
    mode: Option<String>,
    #[serde(default)]
    key_id: String,
    result: String,
}

/// Writes the lines of the log in a directory that match the filter, oldest first, as JSON or as text. Does not verify
/// the chain.
///
/// # Errors
/// The error of reading or writing.
pub(super) fn show(
    directory: &Path,
    filter: &LineFilter,
    is_json: bool,
    output: &mut impl Write,
) -> io::Result<()> {
    for file in files::list(directory)? {
        let mut lines = Lines::of(&file)?;
        while let Some((found, _)) = lines.next_line()? {
            let Some(line) = Line::read(found.bytes) else {
                continue;
            };
            let Some(event) = filter.pass(&line) else {
                continue;
            };
            if is_json {
                output.write_all(found.bytes)?;
            } else {
                output.write_all(event.text(&line).as_bytes())?;
            }
            output.write_all(b"\n")?;
        }
    }
    output.flush()
}

/// Event of a line.
enum Event {
    Use(Box<Use>),
    Mark(Mark),
}

impl LineFilter {
    /// Returns the event of a line if it matches.
    fn pass(&self, line: &Line<'_>) -> Option<Event> {
        if self.since.as_deref() > line.time() {
            return None;
        }
        if let Some(mark) = line.mark() {
            let is_asked = match &mark {
                Mark::Identity { who, .. } => {
                    !self.is_of_objects() && self.who.as_deref().is_none_or(|wanted| is_by(wanted, who))
                }
                _ => !self.is_of_objects() && self.who.is_none(),
            };
            return is_asked.then_some(Event::Mark(mark));
        }
        let event: Box<Use> = line.parse().ok()?;
        let is = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        let passes = is(self.bucket.as_deref(), &event.bucket)
            && is(self.key.as_deref(), &event.key)
            && is(self.what.as_deref(), &event.what)
            && self.who.as_deref().is_none_or(|who| is_by(who, &event.who));
        passes.then_some(Event::Use(event))
    }

    /// Returns whether the filter uses fields that only key uses have.
    fn is_of_objects(&self) -> bool {
        [&self.bucket, &self.key, &self.what]
            .into_iter()
            .any(Option::is_some)
    }
}

fn is_by(wanted: &str, who: &str) -> bool {
    who.strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

impl Event {
    /// Formats the event as one line of text.
    fn text(&self, line: &Line<'_>) -> String {
        match self {
            Self::Use(event) => event.text(),
            Self::Mark(mark) => {
                let time = line.time().unwrap_or_default();
                let mark = match mark {
                    Mark::Begin { .. } => format!("new file, starting at sequence number {}", line.seq),
                    Mark::Start { version } => {
                        format!("Strongroom {} opened the log", printable(version))
                    }
                    Mark::Stop => "audit log closed".to_owned(),
                    Mark::Head { store, commit, .. } => format!("last commit of the store {store}: {commit}"),
                    Mark::Identity {
                        who,
                        operation,
                        request,
                        entity,
                        result,
                        ..
                    } => format!(
                        "{}  {}  {}  {}  request={}",
                        printable(who),
                        printable(operation),
                        printable(result),
                        printable(entity),
                        printable(request)
                    ),
                    Mark::Torn { bytes, .. } => format!("removed an incomplete line of {bytes} bytes"),
                    Mark::Removed { file, last } => {
                        format!("deleted {}, up to sequence number {last}", printable(file))
                    }
                };
                format!("{time}  -- {mark}")
            }
        }
    }
}

impl Use {
    fn text(&self) -> String {
        let mut text = format!(
            "{}  {}  {:9}  {}",
            printable(&self.time),
            printable(&self.who),
            printable(&self.what),
            printable(&self.result)
        );
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                // Writing into a String cannot fail.
                let _ = write!(text, "  {name}={}", printable(value));
            }
        };
        add("operation", &self.operation);
        add("bucket", &self.bucket);
        add("key", &self.key);
        add("version", self.version.as_deref().unwrap_or_default());
        add("mode", self.mode.as_deref().unwrap_or_default());
        add("key_id", &self.key_id);
        add("address", self.address.as_deref().unwrap_or_default());
        add("request", &self.request);
        text
    }
}
