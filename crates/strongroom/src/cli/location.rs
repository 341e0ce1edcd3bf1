//! Flags that select the store of a command.

use std::path::PathBuf;

use clap::Args;

use crate::settings::{Layer, RootLayer};

/// Location of settings, data and keys.
#[derive(Debug, Default, Args)]
pub(crate) struct LocationFlags {
    /// Read settings from this TOML file [default: strongroom.toml in the current directory, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Directory of all data: objects, index, certificates [default: ./strongroom-data].
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) data_dir: Option<PathBuf>,
    /// File of the keyring, which together with its root key decrypts the data directory [default: keyring.toml in the
    /// data directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) root: RootLayer,
}

impl LocationFlags {
    /// Returns the settings given by these flags.
    pub(crate) fn into_layer(self) -> Layer {
        Layer {
            data_dir: self.data_dir,
            keyring: self.keyring,
            root: self.root,
            ..Layer::default()
        }
    }
}
