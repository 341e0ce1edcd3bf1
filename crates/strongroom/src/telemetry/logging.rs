//! Logging, restricted to messages that cannot contain keys.
//!
//! Only Strongroom's own crates may log, at any level: libraries print request headers, and with them customer keys, at
//! their more verbose levels. The filter is an allow-list, so a new library is silent by default.

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

/// Target prefix of Strongroom's crates: `strongroom`, `strongroom_s3`, ...
const OURS: &str = "strongroom";

/// Starts logging to standard error, and makes panics report their place but not their values.
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
