//! Settings of the operator: plain data, merged from a file, variables and flags.
//!
//! [`table::SETTINGS`] names every setting once; the variables, the origins of values and `check-config` all follow it.

use std::path::PathBuf;
use std::time::Duration;

mod kms;
mod layer;
mod load;
mod report;
mod root;
mod table;
mod values;
mod variables;

pub(crate) use kms::{
    AwsLayer, CacheSeconds, Kms as KmsSettings, KmsBackend, KmsLayer, KmsSource, VaultLayer,
};
pub(crate) use layer::Layer;
pub(crate) use load::{Loaded, SettingsError, Sources, load};
pub(crate) use report::report;
pub(crate) use root::{CredentialName, PassphraseFrom, Root, RootLayer, RootSourceName};
pub(crate) use values::{
    AuditKeep, Cleartext, HeadWithoutKey, Host, LifecycleDay, Listen, LogFormat, LogLevel, MemoryLock,
    Network, Region, RotateMib, ShutdownGrace,
};
pub(crate) use variables::process_environment;

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
    pub(crate) sse_c: SseC,
    pub(crate) kms: KmsSettings,
    pub(crate) memory: Memory,
    pub(crate) audit: Audit,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    /// Time that requests in progress get to finish when the server is stopped.
    pub(crate) shutdown_grace: Duration,
    /// Length of a day in lifecycle rules.
    pub(crate) lifecycle_day: Duration,
}

/// The HTTPS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Https {
    pub(crate) listen: Listen,
    /// The operator's own certificate. `None`: one is generated.
    pub(crate) certificate: Option<CertificateFiles>,
}

/// Certificate chain and its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The plain HTTP listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Http {
    pub(crate) listen: Listen,
}

/// Treatment of requests with customer keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseC {
    pub(crate) head_without_key: HeadWithoutKey,
    pub(crate) cleartext: Cleartext,
}

/// Protection of the process memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    /// True if the system may write the memory to a file when the process crashes.
    pub(crate) core_dumps: bool,
    pub(crate) lock: MemoryLock,
}

/// The log of every use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) enabled: bool,
    /// Directory of the log files.
    pub(crate) directory: PathBuf,
    /// Size at which a new file is started.
    pub(crate) rotate_mib: RotateMib,
    /// Number of files to keep besides the current one.
    pub(crate) keep: AuditKeep,
}

#[cfg(test)]
mod tests;
