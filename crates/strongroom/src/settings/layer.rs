//! Settings of one source, in which each value may be missing. This is the structure of `strongroom.toml`.

use std::path::PathBuf;

use serde::Deserialize;

use super::kms::KmsLayer;
use super::root::RootLayer;
use super::values::{
    AuditKeep, Cleartext, HeadWithoutKey, Host, LifecycleDay, Listen, LogFormat, LogLevel, MemoryLock,
    Network, Region, RotateMib, ShutdownGrace,
};

/// Settings given by one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Layer {
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) keyring: Option<PathBuf>,
    pub(crate) root: RootLayer,
    pub(crate) region: Option<Region>,
    pub(crate) hosts: Option<Vec<Host>>,
    pub(crate) https: HttpsLayer,
    pub(crate) http: HttpLayer,
    pub(crate) sse_c: SseCLayer,
    pub(crate) kms: KmsLayer,
    pub(crate) memory: MemoryLayer,
    pub(crate) audit: AuditLayer,
    pub(crate) trusted_proxies: Option<Vec<Network>>,
    pub(crate) log: Option<LogLevel>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) shutdown_grace: Option<ShutdownGrace>,
    pub(crate) lifecycle_day: Option<LifecycleDay>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpsLayer {
    pub(crate) listen: Option<Listen>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpLayer {
    pub(crate) listen: Option<Listen>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SseCLayer {
    pub(crate) head_without_key: Option<HeadWithoutKey>,
    pub(crate) cleartext: Option<Cleartext>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MemoryLayer {
    pub(crate) core_dumps: Option<bool>,
    pub(crate) lock: Option<MemoryLock>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditLayer {
    pub(crate) enabled: Option<bool>,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) rotate_mib: Option<RotateMib>,
    pub(crate) keep: Option<AuditKeep>,
}

impl Layer {
    /// Merges this layer over `below`: a value in this layer replaces the one in `below`, and a list the whole list.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(below.data_dir),
            keyring: self.keyring.or(below.keyring),
            root: self.root.over(below.root),
            region: self.region.or(below.region),
            hosts: self.hosts.or(below.hosts),
            https: HttpsLayer {
                listen: self.https.listen.or(below.https.listen),
                certificate: self.https.certificate.or(below.https.certificate),
                key: self.https.key.or(below.https.key),
            },
            http: HttpLayer {
                listen: self.http.listen.or(below.http.listen),
            },
            sse_c: SseCLayer {
                head_without_key: self.sse_c.head_without_key.or(below.sse_c.head_without_key),
                cleartext: self.sse_c.cleartext.or(below.sse_c.cleartext),
            },
            memory: MemoryLayer {
                core_dumps: self.memory.core_dumps.or(below.memory.core_dumps),
                lock: self.memory.lock.or(below.memory.lock),
            },
            kms: self.kms.over(below.kms),
            audit: AuditLayer {
                enabled: self.audit.enabled.or(below.audit.enabled),
                directory: self.audit.directory.or(below.audit.directory),
                rotate_mib: self.audit.rotate_mib.or(below.audit.rotate_mib),
                keep: self.audit.keep.or(below.audit.keep),
            },
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
            shutdown_grace: self.shutdown_grace.or(below.shutdown_grace),
            lifecycle_day: self.lifecycle_day.or(below.lifecycle_day),
        }
    }
}
