//! What is logged, and what never is.
//!
//! Only our own crates may log, whatever the level: the libraries below us print request headers, and with
//! them customer keys, at their chattier levels. It is an allow-list, so a new library is silent by itself.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::settings::{LogFormat, LogLevel};

/// Target prefix of our crates: `strongroom`, `strongroom_s3`, ...
const OURS: &str = "strongroom";

/// Logs to standard error from now on, and makes a crash say where it was but not with what.
pub(crate) fn start(level: LogLevel, format: LogFormat) -> Result<(), SetGlobalDefaultError> {
    let colours = std::io::stderr().is_terminal();
    tracing::subscriber::set_global_default(subscriber(level, format, colours, std::io::stderr))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn subscriber<W>(
    level: LogLevel,
    format: LogFormat,
    colours: bool,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(colours);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    Registry::default().with(lines.with_filter(Targets::new().with_target(OURS, level)))
}

/// The message of a panic may hold a value that was being handled, and that may be a key. Only a message
/// that is a literal of the program is logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(message withheld)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, message, "a task failed: this is a fault in Strongroom");
}

#[cfg(test)]
mod tests;
