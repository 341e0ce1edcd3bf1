//! The command line of `strongroom serve` and `strongroom check-config`: a flag for every setting.

use std::path::PathBuf;

use clap::Args;

use crate::settings::Layer;

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

SIGTERM or SIGINT stops the server after the requests in progress are finished; a second one stops it at once.
SIGHUP makes it read the certificate files and the log level again; other settings need a restart.";

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingsFlags {
    /// Read settings from this TOML file [default: strongroom.toml in the current directory, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) layer: Layer,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ServeFlags {
    /// Use the store in the data directory with this keyring although the keyring belongs to another one, or begin an
    /// empty store in place of the one that is missing. To be given once.
    #[arg(long)]
    pub(crate) new_store: bool,
    /// Serve although the index lost rows, because blobs have none or the audit log notes a later commit: go on without
    /// the objects whose rows are lost. Blobs without rows are moved to lost/. To be given once.
    #[arg(long)]
    pub(crate) accept_lost_rows: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsFlags,
}

#[derive(Debug, Default, Args)]
pub(crate) struct CheckFlags {
    /// Show all settings, not only those that a file, variable or flag gives.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsFlags,
}
