//! Reload of certificates and log level while the server runs: on SIGHUP, and certificates also at intervals.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::tls::Certificates;
use crate::clock;
use crate::settings::LogLevel;
use crate::telemetry::logging::Level;

/// Interval at which certificate files are checked: a renewed certificate is in use within a minute, and so is a generated
/// one when the clock was wrong at the start.
const CERTIFICATE_REFRESH: Duration = Duration::from_mins(1);

/// Reads the log level from the settings again; the error is a message.
pub(crate) type ReadLevel = Arc<dyn Fn() -> Result<LogLevel, String> + Send + Sync>;

/// Starts receiving SIGHUP, which ends a process that does not. Must be called inside the runtime.
pub(super) fn on_hangup() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Things to reload.
pub(super) struct Reload {
    pub(super) hangups: Signal,
    /// `None`: HTTPS is off.
    pub(super) certificates: Option<Arc<Certificates>>,
    pub(super) level: Level,
    pub(super) read_level: ReadLevel,
    /// Message of the last failure, which is not logged each minute.
    pub(super) failure: Option<String>,
}

impl Reload {
    /// Reloads until the server ends. On an error, the value in use stays in use.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                _ = self.hangups.recv() => {
                    let certificate = self.certificate().await;
                    self.level(certificate).await;
                }
                () = tokio::time::sleep(CERTIFICATE_REFRESH) => {
                    self.certificate().await;
                }
            }
        }
    }

    /// Reads the certificate files; returns a word about the result for the log.
    async fn certificate(&mut self) -> &'static str {
        let Some(certificates) = self.certificates.clone() else {
            return "none";
        };
        match read(move || certificates.refresh(clock::system())).await {
            Some(Ok(changed)) => {
                self.failure = None;
                if changed {
                    tracing::info!("new certificate in use");
                    return "new";
                }
                "unchanged"
            }
            Some(Err(error)) => {
                let message = error.to_string();
                if self.failure.as_ref() != Some(&message) {
                    let error: &dyn Error = &error;
                    tracing::warn!(
                        error,
                        "cannot use the new certificate; the current one stays in use"
                    );
                    self.failure = Some(message);
                }
                "failed"
            }
            None => "failed",
        }
    }

    /// Reads the log level, and logs the reload at the more verbose one of the old and the new level.
    async fn level(&self, certificate: &'static str) {
        let read_level = Arc::clone(&self.read_level);
        let old = self.level.get();
        let new = match read(move || read_level()).await {
            Some(Ok(level)) => level,
            Some(Err(error)) => {
                tracing::warn!(%error, "cannot read the settings; the log level stays as it is");
                old
            }
            None => old,
        };
        self.level.set(old.max(new));
        tracing::info!(certificate, log = %new, "reloaded after SIGHUP");
        self.level.set(new);
    }
}

/// Runs a function that reads files. `None`: it panicked, which is logged already.
async fn read<T: Send + 'static>(files: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(files).await.ok()
}
