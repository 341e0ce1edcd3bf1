//! Logging, restricted to messages that cannot contain keys.
//!
//! Only Strongroom's own crates may log, at any level: libraries print request headers, and with them customer keys, at
//! their more verbose levels. The filter is an allow-list, so a new library is silent by default.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;

use crate::settings::{LogFormat, LogLevel};

/// Target prefix of Strongroom's crates: `strongroom`, `strongroom_s3`, ...
const OURS: &str = "strongroom";

/// The level of the running log.
pub(crate) struct Level {
    level: Mutex<LogLevel>,
    filter: reload::Handle<Targets, Registry>,
}

impl Level {
    pub(crate) fn get(&self) -> LogLevel {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the level. Without a subscriber, which exists as long as the process, nothing is changed.
    pub(crate) fn set(&self, level: LogLevel) {
        let mut current = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if self.filter.reload(filter(level)).is_ok() {
            *current = level;
        }
    }
}

/// Starts logging to standard error, and makes panics report their place but not their values.
pub(crate) fn start(level: LogLevel, format: LogFormat) -> Result<Level, SetGlobalDefaultError> {
    let colours = std::io::stderr().is_terminal();
    let (subscriber, level) = subscriber(level, format, colours, std::io::stderr);
    tracing::subscriber::set_global_default(subscriber)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(level)
}

fn subscriber<W>(
    level: LogLevel,
    format: LogFormat,
    colours: bool,
    writer: W,
) -> (impl Subscriber + Send + Sync, Level)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(colours);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let (changeable, handle) = reload::Layer::new(filter(level));
    let level = Level {
        level: Mutex::new(level),
        filter: handle,
    };
    (Registry::default().with(lines.with_filter(changeable)), level)
}

/// Returns a filter that passes the messages of Strongroom's crates at this level.
fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_target(OURS, level)
}

/// Logs a panic. Its message may contain a value in use, possibly a key, so only a message that is a literal of the
/// program is logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(message withheld)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, message, "a task panicked: this is a bug in Strongroom");
}

#[cfg(test)]
mod tests;
