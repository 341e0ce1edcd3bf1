use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(level: LogLevel, format: LogFormat, act: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let (subscriber, _) = subscriber(level, format, false, move || writer.clone());
    tracing::subscriber::with_default(subscriber, act);
    lines.text()
}

#[test]
fn libraries_are_silent_at_every_level() {
    let text = logged(LogLevel::Trace, LogFormat::Text, || {
        tracing::error!(target: "h2", "secret-1");
        tracing::error!(target: "s3s", "secret-2");
        tracing::error!(target: "hyper_util::server", "secret-3");
        tracing::trace!(target: "rustls::conn", "secret-4");
        tracing::trace!(target: "strongroom_s3::sse", "ours-1");
        tracing::info!("ours-2");
    });
    assert!(text.contains("ours-1") && text.contains("ours-2"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn spans_of_libraries_do_not_show_around_our_lines() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let text = logged(LogLevel::Trace, format, || {
            let span = tracing::error_span!(target: "s3s", "call", header = "secret");
            let _inside = span.enter();
            tracing::error!("ours");
        });
        assert!(text.contains("ours") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn the_level_holds_for_our_own_lines() {
    let text = logged(LogLevel::Warn, LogFormat::Json, || {
        tracing::info!("too quiet");
        tracing::warn!("loud enough");
    });
    assert!(!text.contains("too quiet"));
    assert!(
        text.starts_with('{') && text.contains("\"message\":\"loud enough\""),
        "{text}"
    );
}

#[test]
fn the_level_of_a_running_log_can_be_changed() {
    let lines = Lines::default();
    let writer = lines.clone();
    let (subscriber, level) = subscriber(LogLevel::Warn, LogFormat::Text, false, move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        for (number, verbosity) in [LogLevel::Warn, LogLevel::Debug, LogLevel::Info]
            .into_iter()
            .enumerate()
        {
            level.set(verbosity);
            assert_eq!(level.get(), verbosity);
            tracing::debug!("debug {number}");
            tracing::info!("info {number}");
            tracing::error!(target: "hyper", "secret");
        }
    });
    let text = lines.text();
    for (line, shown) in [
        ("info 0", false),
        ("debug 1", true),
        ("info 1", true),
        ("debug 2", false),
        ("info 2", true),
    ] {
        assert_eq!(text.contains(line), shown, "{line}: {text}");
    }
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_panic_tells_where_but_not_with_what() {
    let text = logged(LogLevel::Error, LogFormat::Text, || {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        let value = String::from("secret");
        let with_value = std::panic::catch_unwind(|| panic!("key {value}"));
        let literal = std::panic::catch_unwind(|| panic!("a literal"));
        std::panic::set_hook(before);
        assert!(with_value.is_err() && literal.is_err());
    });
    assert!(
        text.contains("message withheld") && text.contains("a literal") && text.contains("tests.rs"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}
