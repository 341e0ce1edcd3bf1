//! Command line of `strongroom serve` and `strongroom check-config`: one flag per setting.

use std::path::PathBuf;

use clap::Args;

use super::kms::KmsFlags;
use super::place::PlaceFlags;
use crate::settings::{
    AuditKeep, Cleartext, HeadWithoutKey, Host, Layer, LifecycleDay, Listen, LogFormat, LogLevel, MemoryLock,
    Network, Region, RotateMib, ShutdownGrace,
};

pub(super) const SERVE_EXAMPLES: &str = "\
Settings are read from the file, then from STRONGROOM_* variables, then from these flags; the last
one wins. A variable is named after its setting: https.listen is STRONGROOM_HTTPS_LISTEN, and a
list is separated by commas. Relative paths start at the current directory.

Examples:
  strongroom serve
  strongroom serve --data-dir /srv/strongroom --host s3.example.com --host 192.0.2.10
  strongroom serve --https-listen 127.0.0.1:9443 --http-listen off
  strongroom serve --https-certificate fullchain.pem --https-key privkey.pem

A strongroom.toml with the same meaning as the second example:
  data_dir = \"/srv/strongroom\"
  hosts = [\"s3.example.com\", \"192.0.2.10\"]

SIGTERM or SIGINT stops the server after the requests in progress are finished; a second one stops it at once.";

#[derive(Debug, Default, Args)]
pub(crate) struct SettingsFlags {
    #[command(flatten)]
    pub(crate) place: PlaceFlags,
    /// Region that clients sign for [default: us-east-1].
    #[arg(long)]
    region: Option<Region>,
    /// Name or IP address by which clients reach this server; repeat for more.
    ///
    /// Each is put into the certificate; a name also serves buckets as BUCKET.NAME.
    #[arg(long = "host", value_name = "HOST")]
    hosts: Option<Vec<Host>>,
    /// Address of the HTTPS listener, or off [default: 0.0.0.0:9443, every IPv4 address of this machine].
    #[arg(long, value_name = "ADDRESS:PORT")]
    https_listen: Option<Listen>,
    /// Your own certificate chain (PEM) instead of the generated one.
    #[arg(long, value_name = "FILE")]
    https_certificate: Option<PathBuf>,
    /// Private key (PEM) of --https-certificate.
    #[arg(long, value_name = "FILE")]
    https_key: Option<PathBuf>,
    /// Address of the plain HTTP listener, or off [default: 127.0.0.1:9000].
    #[arg(long, value_name = "ADDRESS:PORT")]
    http_listen: Option<Listen>,
    /// Status for HEAD of an SSE-C object without its key: 404 hides the object, 400 is as AWS responds [default: 404].
    #[arg(long, value_name = "STATUS", hide_possible_values = true)]
    sse_c_head_without_key: Option<HeadWithoutKey>,
    /// Clients that may send customer keys over plain HTTP [default: loopback].
    #[arg(long, value_name = "WHERE")]
    sse_c_cleartext: Option<Cleartext>,
    /// Allow core dumps of the server process, which contain keys [default: false].
    #[arg(long, value_name = "BOOLEAN")]
    memory_core_dumps: Option<bool>,
    /// Lock memory so that keys are never swapped to disk [default: auto].
    #[arg(long, value_name = "WHEN")]
    memory_lock: Option<MemoryLock>,
    #[command(flatten)]
    kms: KmsFlags,
    /// Write a line to the audit log for every use of a key [default: true].
    #[arg(long, value_name = "BOOLEAN", hide_possible_values = true)]
    audit_enabled: Option<bool>,
    /// Directory of the audit log [default: audit in the data directory].
    #[arg(long, value_name = "DIRECTORY")]
    audit_directory: Option<PathBuf>,
    /// Size in MiB at which a new audit log file is started [default: 64].
    #[arg(long, value_name = "MIB")]
    audit_rotate_mib: Option<RotateMib>,
    /// Number of audit log files to keep besides the current one, or all [default: all].
    #[arg(long, value_name = "FILES")]
    audit_keep: Option<AuditKeep>,
    /// Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted; repeat for more.
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    trusted_proxies: Option<Vec<Network>>,
    /// Level of the log on standard error [default: info].
    #[arg(long, value_name = "LEVEL")]
    log: Option<LogLevel>,
    /// Format of the log lines [default: text].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Time that requests in progress get to finish when the server is stopped [default: 30].
    #[arg(long, value_name = "SECONDS")]
    shutdown_grace: Option<ShutdownGrace>,
    /// Length of a day in lifecycle rules; a small value shows their effect within seconds [default: 86400].
    #[arg(long, value_name = "SECONDS")]
    lifecycle_day: Option<LifecycleDay>,
}

impl SettingsFlags {
    /// Returns the settings given by these flags.
    pub(crate) fn into_layer(self) -> Layer {
        let mut layer = self.place.into_layer();
        layer.region = self.region;
        layer.hosts = self.hosts;
        layer.https.listen = self.https_listen;
        layer.https.certificate = self.https_certificate;
        layer.https.key = self.https_key;
        layer.http.listen = self.http_listen;
        layer.sse_c.head_without_key = self.sse_c_head_without_key;
        layer.sse_c.cleartext = self.sse_c_cleartext;
        layer.memory.core_dumps = self.memory_core_dumps;
        layer.memory.lock = self.memory_lock;
        layer.kms = self.kms.into_layer();
        layer.audit.enabled = self.audit_enabled;
        layer.audit.directory = self.audit_directory;
        layer.audit.rotate_mib = self.audit_rotate_mib;
        layer.audit.keep = self.audit_keep;
        layer.trusted_proxies = self.trusted_proxies;
        layer.log = self.log;
        layer.log_format = self.log_format;
        layer.shutdown_grace = self.shutdown_grace;
        layer.lifecycle_day = self.lifecycle_day;
        layer
    }
}
