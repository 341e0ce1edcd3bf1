//! Progress display: a line that changes in place on a terminal, otherwise a new line from time to time.

use std::io::{IsTerminal, Stderr, Write};
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// Interval of updates on a terminal, as fast as an eye can follow.
const ON_TERMINAL: Duration = Duration::from_millis(100);
/// Interval of lines elsewhere, so that they do not fill a log file.
const ELSEWHERE: Duration = Duration::from_secs(5);
/// Returns to the start of the line and clears it (ECMA-48 EL).
const CLEAR: &str = "\r\x1b[K";

/// Progress display.
pub(crate) struct Progress<W: Write> {
    output: W,
    is_terminal: bool,
    /// Time of the last update, or of the start.
    shown_at: Instant,
    /// True if a line on the terminal must be cleared.
    stands: bool,
}

impl Progress<Stderr> {
    /// Creates a display on standard error.
    pub(crate) fn on_stderr() -> Self {
        let stderr = std::io::stderr();
        let is_terminal = stderr.is_terminal();
        Self::new(stderr, is_terminal, Instant::now())
    }
}

impl<W: Write> Progress<W> {
    fn new(output: W, is_terminal: bool, now: Instant) -> Self {
        Self {
            output,
            is_terminal,
            shown_at: now,
            stands: false,
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Shows `text`, a single line, unless the last update was just now.
    pub(crate) fn tell(&mut self, text: impl FnOnce() -> String) {
        self.tell_at(Instant::now(), text);
    }

    fn tell_at(&mut self, now: Instant, text: impl FnOnce() -> String) {
        let pause = if self.is_terminal { ON_TERMINAL } else { ELSEWHERE };
        if now.saturating_duration_since(self.shown_at) < pause {
            return;
        }
        self.shown_at = now;
        // Ignore errors: the work continues even if progress cannot be shown.
        let _ = if self.is_terminal {
            self.stands = true;
            write!(self.output, "{CLEAR}{}", text())
        } else {
            writeln!(self.output, "{}", text())
        };
        let _ = self.output.flush();
    }

    /// Clears the line on the terminal so that other output can be written.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.stands) {
            let _ = self.output.write_all(CLEAR.as_bytes());
            let _ = self.output.flush();
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Formats `done` of `total` in percent.
pub(crate) fn share(done: u64, total: u64) -> String {
    match (u128::from(done) * 100).checked_div(u128::from(total)) {
        Some(percent) => format!("{:>3} %", percent.min(100)),
        None => "100 %".to_owned(),
    }
}

/// Formats `done` of `total` as a bar with percent.
pub(crate) fn bar(done: u64, total: u64) -> String {
    const WIDTH: usize = 20;
    let filled = (u128::from(done) * WIDTH as u128).checked_div(u128::from(total));
    let filled = filled.and_then(|filled| usize::try_from(filled).ok());
    let filled = filled.unwrap_or(WIDTH).min(WIDTH);
    format!(
        "[{}{}] {}",
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        share(done, total)
    )
}

/// Formats a count: `1 version`, `2 versions`.
pub(crate) fn versions(count: u64) -> String {
    format!("{count} version{}", if count == 1 { "" } else { "s" })
}

/// Formats a number of bytes with about three digits and a unit, in powers of 1024.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if tenths < 1000 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", tenths / 10)
    }
}
