//! The command line of `strongroom serve` and `strongroom check-config`: a flag for every setting.

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

SIGTERM or SIGINT ends the server once the requests under way are answered; a second one ends it at once.";

#[derive(Debug, Default, Args)]
pub(crate) struct SettingsFlags {
    #[command(flatten)]
    pub(crate) place: PlaceFlags,
    /// Region that clients must name [default: us-east-1].
    #[arg(long)]
    region: Option<Region>,
    /// Name or IP address clients reach this server by; repeat for more.
    ///
    /// Each is put into the certificate, and a name also serves buckets as BUCKET.NAME.
    #[arg(long = "host", value_name = "HOST")]
    hosts: Option<Vec<Host>>,
    /// Where HTTPS listens, or off [default: 0.0.0.0:9443, that is every IPv4 address of this machine].
    #[arg(long, value_name = "ADDRESS:PORT")]
    https_listen: Option<Listen>,
    /// Your own certificate chain (PEM) in place of the one made on first start.
    #[arg(long, value_name = "FILE")]
    https_certificate: Option<PathBuf>,
    /// Private key (PEM) of --https-certificate.
    #[arg(long, value_name = "FILE")]
    https_key: Option<PathBuf>,
    /// Where plain HTTP listens, or off [default: 127.0.0.1:9000].
    #[arg(long, value_name = "ADDRESS:PORT")]
    http_listen: Option<Listen>,
    /// Answer to HEAD of an SSE-C object without its key: 404 hides the object, 400 is what AWS says [default: 404].
    #[arg(long, value_name = "STATUS", hide_possible_values = true)]
    sse_c_head_without_key: Option<HeadWithoutKey>,
    /// Where customer keys are taken over plain HTTP [default: loopback].
    #[arg(long, value_name = "WHERE")]
    sse_c_cleartext: Option<Cleartext>,
    /// Whether the system may write the server's memory, keys and all, to a file when it crashes [default: false].
    #[arg(long, value_name = "BOOLEAN")]
    memory_core_dumps: Option<bool>,
    /// Whether keys are kept from being swapped to a disk: where this user may lock memory, never, or always
    /// [default: auto].
    #[arg(long, value_name = "WHEN")]
    memory_lock: Option<MemoryLock>,
    #[command(flatten)]
    kms: KmsFlags,
    /// Whether every use of a key leaves a line in the audit log [default: true].
    #[arg(long, value_name = "BOOLEAN", hide_possible_values = true)]
    audit_enabled: Option<bool>,
    /// Directory of the audit log [default: audit in the data directory].
    #[arg(long, value_name = "DIRECTORY")]
    audit_directory: Option<PathBuf>,
    /// How large a file of the audit log gets before the next is begun [default: 64].
    #[arg(long, value_name = "MIB")]
    audit_rotate_mib: Option<RotateMib>,
    /// How many files of the audit log stay besides the one that is written to, or all [default: all].
    #[arg(long, value_name = "FILES")]
    audit_keep: Option<AuditKeep>,
    /// Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; repeat for more.
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    trusted_proxies: Option<Vec<Network>>,
    /// How much is logged to standard error [default: info].
    #[arg(long, value_name = "LEVEL")]
    log: Option<LogLevel>,
    /// Form of the log lines [default: text].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// How long requests under way may take to finish when the server is told to stop [default: 30].
    #[arg(long, value_name = "SECONDS")]
    shutdown_grace: Option<ShutdownGrace>,
    /// How long a day of lifecycle rules is: less, to see in seconds what they do [default: 86400].
    #[arg(long, value_name = "SECONDS")]
    lifecycle_day: Option<LifecycleDay>,
}

impl SettingsFlags {
    /// The settings given by these flags.
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
