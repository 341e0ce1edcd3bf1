//! All settings: those outside of tables, and the tables.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

use super::audit::{Audit, AuditLayer};
use super::console::{Console, ConsoleLayer};
use super::error::SettingsError;
use super::kms::{Kms, KmsLayer};
use super::layered::layer;
use super::limits::{Connections, ConnectionsLayer, Requests, RequestsLayer};
use super::listeners::{Http, HttpLayer, Https, HttpsLayer};
use super::memory::{Memory, MemoryLayer};
use super::oidc::{Oidc, OidcLayer};
use super::paths::{absolute, must_not_be_empty};
use super::root::{Root, RootLayer};
use super::show::joined;
use super::sse_c::{SseC, SseCLayer};
use super::store::{Store, StoreLayer};
use super::value::{choices, number, word};
use super::values::host::Host;
use super::values::network::Network;
use super::values::region::Region;

layer! {
    /// The settings given by one source: the contents of `strongroom.toml`.
    struct Layer, shown from settings: Settings {
        /// Directory of all data: objects, index, certificates [default: ./strongroom-data].
        #[arg(value_name = "DIRECTORY")]
        data_dir["data-dir"]: Option<PathBuf> = settings.data_dir.display().to_string(),
        /// File of the keyring, which together with its root key decrypts the data directory [default: keyring.toml in the
        /// data directory].
        #[arg(value_name = "FILE")]
        keyring["keyring"]: Option<PathBuf> = settings.keyring.display().to_string(),
        #[command(flatten)]
        root: RootLayer = settings.root,
        /// Region that clients sign for [default: us-east-1].
        #[arg(value_name = "REGION")]
        region["region"]: Option<Region> = settings.region.to_string(),
        /// Name or IP address by which clients reach this server; repeat for more.
        ///
        /// Each is put into the certificate; a name also serves buckets as BUCKET.NAME.
        #[arg(value_name = "HOST")]
        hosts["host"]: Option<Vec<Host>> = joined(&settings.hosts),
        #[command(flatten)]
        https: HttpsLayer = settings.https,
        #[command(flatten)]
        http: HttpLayer = settings.http,
        #[command(flatten)]
        console: ConsoleLayer = settings.console,
        #[command(flatten)]
        connections: ConnectionsLayer = settings.connections,
        #[command(flatten)]
        requests: RequestsLayer = settings.requests,
        #[command(flatten)]
        sse_c: SseCLayer = settings.sse_c,
        #[command(flatten)]
        store: StoreLayer = settings.store,
        #[command(flatten)]
        memory: MemoryLayer = settings.memory,
        #[command(flatten)]
        kms: KmsLayer = settings.kms,
        #[command(flatten)]
        audit: AuditLayer = settings.audit,
        #[command(flatten)]
        oidc: OidcLayer = settings.oidc,
        /// Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted; repeat for more.
        #[arg(value_name = "ADDRESS")]
        trusted_proxies["trusted-proxy"]: Option<Vec<Network>> = joined(&settings.trusted_proxies),
        /// Level of the log on standard error [default: info].
        #[arg(value_name = "LEVEL")]
        log["log"]: Option<LogLevel> = word(&settings.log),
        /// Format of the log lines [default: text].
        #[arg(value_name = "FORMAT")]
        log_format["log-format"]: Option<LogFormat> = word(&settings.log_format),
        /// Time that requests in progress get to finish when the server is stopped [default: 30].
        #[arg(value_name = "SECONDS")]
        shutdown_grace["shutdown-grace"]: Option<ShutdownGrace> = settings.shutdown_grace.as_secs().to_string(),
        /// Length of a day in lifecycle rules; a small value shows their effect within seconds [default: 86400].
        #[arg(value_name = "SECONDS")]
        lifecycle_day["lifecycle-day"]: Option<LifecycleDay> = settings.lifecycle_day.as_secs().to_string(),
    }
}

/// The settings in force. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Directory that holds objects, index and certificates.
    pub(crate) data_dir: PathBuf,
    /// File of the keyring.
    pub(crate) keyring: PathBuf,
    /// Source of the root key, which encrypts the keyring.
    pub(crate) root: Root,
    /// Directory with the systemd credentials of this service, if systemd set one. It comes from the environment, as
    /// systemd documents, and is not a setting.
    pub(crate) credentials_directory: Option<PathBuf>,
    /// Region for which clients sign.
    pub(crate) region: Region,
    /// Names and addresses of this server, used in its certificate and as bases of virtual-host-style bucket names.
    pub(crate) hosts: Vec<Host>,
    pub(crate) https: Https,
    pub(crate) http: Http,
    pub(crate) console: Console,
    pub(crate) connections: Connections,
    pub(crate) requests: Requests,
    pub(crate) sse_c: SseC,
    pub(crate) kms: Kms,
    pub(crate) store: Store,
    pub(crate) memory: Memory,
    pub(crate) audit: Audit,
    pub(crate) oidc: Oidc,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    /// Time that requests in progress get to finish when the server is stopped.
    pub(crate) shutdown_grace: Duration,
    /// Length of a day in lifecycle rules.
    pub(crate) lifecycle_day: Duration,
}

/// Level of the log; a greater one is more verbose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&word(self))
    }
}

/// Format of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

choices!(LogLevel, LogFormat);

number! {
    /// Seconds that requests in progress get to finish. At most one hour: longer than any service supervisor waits before it
    /// kills.
    ShutdownGrace: 0 to 3600 "seconds"
}

number! {
    /// Length of a day in lifecycle rules, in seconds. At most a real day.
    LifecycleDay: 1 to 86_400 "seconds"
}

impl Layer {
    /// Fills in defaults, and rejects combinations that cannot work. Relative paths start at `directory`.
    pub(super) fn complete(
        mut self,
        credentials_directory: Option<PathBuf>,
        directory: &Path,
    ) -> Result<Settings, SettingsError> {
        must_not_be_empty(&mut self, "")?;
        let data_dir = self.data_dir.unwrap_or_else(|| "strongroom-data".into());
        let data_dir = absolute(directory, &data_dir);
        let keyring = self.keyring.map(|path| absolute(directory, &path));
        let keyring = keyring.unwrap_or_else(|| data_dir.join("keyring.toml"));
        let https = self.https.complete(directory)?;
        let http = self.http.complete(&https)?;
        let kms = self.kms.complete(directory)?;
        Ok(Settings {
            root: self.root.complete(directory, &keyring, &kms)?,
            audit: self.audit.complete(directory, &data_dir),
            oidc: self.oidc.complete(directory),
            data_dir,
            credentials_directory,
            keyring,
            region: self.region.unwrap_or_else(Region::built_in),
            hosts: self.hosts.unwrap_or_default(),
            console: self.console.complete(&https, &http)?,
            https,
            http,
            connections: self.connections.complete(),
            requests: self.requests.complete(),
            sse_c: self.sse_c.complete(),
            kms,
            store: self.store.complete(),
            memory: self.memory.complete(),
            trusted_proxies: self.trusted_proxies.unwrap_or_default(),
            log: self.log.unwrap_or(LogLevel::Info),
            log_format: self.log_format.unwrap_or(LogFormat::Text),
            shutdown_grace: Duration::from_secs(self.shutdown_grace.map_or(30, |grace| grace.0)),
            lifecycle_day: Duration::from_secs(self.lifecycle_day.map_or(86_400, |day| day.0)),
        })
    }
}
