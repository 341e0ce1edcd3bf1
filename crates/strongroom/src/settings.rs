//! What the operator can set: plain data, and how it is put together from a file, variables and flags.
//!
//! [`table::SETTINGS`] names every setting once; reading variables, telling where a value came from
//! and `check-config` all follow it.

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
    /// Where the root key comes from, which seals the keyring.
    pub(crate) root: Root,
    /// Where systemd put the credentials of this service, if it did: told by the environment, as systemd documents it,
    /// and no setting.
    pub(crate) credentials_directory: Option<PathBuf>,
    /// Region that clients sign for.
    pub(crate) region: Region,
    /// Names and addresses of this server: in its certificate, and bases of virtual-host-style bucket names.
    pub(crate) hosts: Vec<Host>,
    pub(crate) https: Https,
    pub(crate) http: Http,
    pub(crate) sse_c: SseC,
    pub(crate) kms: KmsSettings,
    pub(crate) memory: Memory,
    pub(crate) audit: Audit,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    /// How long requests under way may take when the server is told to stop.
    pub(crate) shutdown_grace: Duration,
    /// How long a day of lifecycle rules is.
    pub(crate) lifecycle_day: Duration,
}

/// The HTTPS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Https {
    pub(crate) listen: Listen,
    /// The operator's own certificate; without it one is made.
    pub(crate) certificate: Option<CertificateFiles>,
}

/// A certificate chain and its private key, both PEM.
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

/// How requests with customer keys are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseC {
    pub(crate) head_without_key: HeadWithoutKey,
    pub(crate) cleartext: Cleartext,
}

/// How the memory of the process is guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Whether the system may write the memory to a file when the process crashes.
    pub(crate) core_dumps: bool,
    pub(crate) lock: MemoryLock,
}

/// The log of every use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) enabled: bool,
    /// Where its files lie.
    pub(crate) directory: PathBuf,
    /// How large a file gets before the next is begun.
    pub(crate) rotate_mib: RotateMib,
    /// How many files stay besides the one that is written to.
    pub(crate) keep: AuditKeep,
}

#[cfg(test)]
mod tests;
