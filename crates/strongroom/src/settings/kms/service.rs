//! The key management service and its name.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Deserialize;
use strongroom_keys::kms::{AwsSettings, VaultSettings};

use crate::settings::show::path;
use crate::settings::value::choices;

/// Names of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KmsBackend {
    /// The keyring's own named keys.
    BuiltIn,
    /// The transit engine of HashiCorp Vault or OpenBao.
    Vault,
    /// AWS KMS, or a service with the same API.
    Aws,
    /// No service: SSE-KMS requests are rejected.
    Off,
}

choices!(KmsBackend);

/// Service with its connection settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KmsSource {
    BuiltIn,
    Vault(VaultSettings),
    Aws(AwsSettings),
    Off,
}

impl KmsBackend {
    /// Returns the name of the service as written in the settings.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Vault => "vault",
            Self::Aws => "aws",
            Self::Off => "off",
        }
    }
}

impl KmsSource {
    /// Returns which service is in use.
    pub(crate) fn backend(&self) -> KmsBackend {
        match self {
            Self::BuiltIn => KmsBackend::BuiltIn,
            Self::Vault(_) => KmsBackend::Vault,
            Self::Aws(_) => KmsBackend::Aws,
            Self::Off => KmsBackend::Off,
        }
    }

    pub(super) fn vault(&self) -> Option<&VaultSettings> {
        match self {
            Self::Vault(vault) => Some(vault),
            _ => None,
        }
    }

    pub(super) fn aws(&self) -> Option<&AwsSettings> {
        match self {
            Self::Aws(aws) => Some(aws),
            _ => None,
        }
    }
}

/// Returns the text of the CA certificates that are trusted for a service. `None`: that service is not in use.
pub(super) fn authorities(file: Option<&Option<PathBuf>>) -> String {
    match file {
        Some(None) => "those of the system".to_owned(),
        Some(file) => path(file.as_ref()),
        None => "none".to_owned(),
    }
}
