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
    /// Name of the operation.
    pub(super) operation: Option<String>,
    /// Time in the format of the log.
    pub(super) since: Option<String>,
}

/// Request, as read from the log.
#[derive(Deserialize)]
struct Request {
    time: String,
    event: String,
    category: String,
    who: String,
    #[serde(default)]
    principal: String,
    operation: String,
    #[serde(default, rename = "request")]
    id: String,
    address: Option<String>,
    #[serde(default)]
    bucket: String,
    #[serde(default)]
    key: String,
    version: Option<String>,
    mode: Option<String>,
    key_id: Option<String>,
    status: Option<u16>,
    result: String,
    received: Option<u64>,
    sent: Option<u64>,
    micros: Option<u64>,
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
    Request(Box<Request>),
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
                Mark::Identity { who, operation, .. } => !self.is_of_objects() && self.is_by(who, operation),
                _ => !self.is_of_objects() && self.who.is_none() && self.operation.is_none(),
            };
            return is_asked.then_some(Event::Mark(mark));
        }
        if let Ok(event) = line.parse::<Box<Request>>()
            && event.event == "request"
        {
            let passes = self.what.is_none()
                && self.is_about(&event.bucket, &event.key)
                && self.is_by(&event.who, &event.operation);
            return passes.then_some(Event::Request(event));
        }
        let event: Box<Use> = line.parse().ok()?;
        let passes = self.is_about(&event.bucket, &event.key)
            && is(self.what.as_deref(), &event.what)
            && self.is_by(&event.who, &event.operation);
        passes.then_some(Event::Use(event))
    }

    fn is_about(&self, bucket: &str, key: &str) -> bool {
        is(self.bucket.as_deref(), bucket) && is(self.key.as_deref(), key)
    }

    fn is_by(&self, who: &str, operation: &str) -> bool {
        self.who.as_deref().is_none_or(|wanted| is_by(wanted, who))
            && is(self.operation.as_deref(), operation)
    }

    /// Returns whether the filter uses fields that only key uses and requests have.
    fn is_of_objects(&self) -> bool {
        [&self.bucket, &self.key, &self.what]
            .into_iter()
            .any(Option::is_some)
    }
}

fn is(wanted: Option<&str>, found: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
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
            Self::Request(request) => request.text(),
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
        let mut add = |name, value| add(&mut text, name, value);
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

impl Request {
    fn text(&self) -> String {
        let mut text = format!(
            "{}  {}  {:9}  {}",
            printable(&self.time),
            printable(&self.who),
            printable(&self.category),
            printable(&self.result)
        );
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut add = |name, value: &str| add(&mut text, name, value);
        add("operation", &self.operation);
        add("bucket", &self.bucket);
        add("key", &self.key);
        add("version", self.version.as_deref().unwrap_or_default());
        add("mode", self.mode.as_deref().unwrap_or_default());
        add("key_id", self.key_id.as_deref().unwrap_or_default());
        add("status", &number(self.status.map(u64::from)));
        add("received", &number(self.received));
        add("sent", &number(self.sent));
        add("micros", &number(self.micros));
        add("principal", &self.principal);
        add("address", self.address.as_deref().unwrap_or_default());
        add("request", &self.id);
        text
    }
}

fn add(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        // Writing into a String cannot fail.
        let _ = write!(text, "  {name}={}", printable(value));
    }
}
