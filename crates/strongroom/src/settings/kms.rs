//! Settings of the key management service for SSE-KMS.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;
use strongroom_keys::DEFAULT_LABEL;
use strongroom_keys::kms::{AwsSettings, Lifetimes, VaultLogin, VaultSettings};

use super::load::{SettingsError, absolute};
use super::values::ValueError;

#[cfg(test)]
mod tests;

/// The KMS settings given by one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KmsLayer {
    pub(crate) backend: Option<KmsBackend>,
    pub(crate) default_key: Option<String>,
    pub(crate) cache_seconds: Option<CacheSeconds>,
    pub(crate) negative_seconds: Option<CacheSeconds>,
    pub(crate) transient_seconds: Option<CacheSeconds>,
    pub(crate) vault: VaultLayer,
    pub(crate) aws: AwsLayer,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VaultLayer {
    pub(crate) address: Option<String>,
    pub(crate) mount: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) approle_mount: Option<String>,
    pub(crate) role_id_file: Option<PathBuf>,
    pub(crate) secret_id_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AwsLayer {
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) credentials_file: Option<PathBuf>,
    pub(crate) profile: Option<String>,
}

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

/// Lifetime of a cache entry in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct CacheSeconds(u64);

/// The key management service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kms {
    pub(crate) service: KmsSource,
    /// Key for requests that name none.
    pub(crate) default_key: Option<String>,
    pub(crate) lifetimes: Lifetimes,
}

/// Service with its connection settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KmsSource {
    BuiltIn,
    Vault(VaultSettings),
    Aws(AwsSettings),
    Off,
}

impl KmsLayer {
    /// Merges this layer over `below`.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            backend: self.backend.or(below.backend),
            default_key: self.default_key.or(below.default_key),
            cache_seconds: self.cache_seconds.or(below.cache_seconds),
            negative_seconds: self.negative_seconds.or(below.negative_seconds),
            transient_seconds: self.transient_seconds.or(below.transient_seconds),
            vault: VaultLayer {
                address: self.vault.address.or(below.vault.address),
                mount: self.vault.mount.or(below.vault.mount),
                namespace: self.vault.namespace.or(below.vault.namespace),
                ca_file: self.vault.ca_file.or(below.vault.ca_file),
                token_file: self.vault.token_file.or(below.vault.token_file),
                approle_mount: self.vault.approle_mount.or(below.vault.approle_mount),
                role_id_file: self.vault.role_id_file.or(below.vault.role_id_file),
                secret_id_file: self.vault.secret_id_file.or(below.vault.secret_id_file),
            },
            aws: AwsLayer {
                region: self.aws.region.or(below.aws.region),
                endpoint: self.aws.endpoint.or(below.aws.endpoint),
                ca_file: self.aws.ca_file.or(below.aws.ca_file),
                credentials_file: self.aws.credentials_file.or(below.aws.credentials_file),
                profile: self.aws.profile.or(below.aws.profile),
            },
        }
    }

    /// Fills in defaults, and rejects settings that cannot work or would have no effect. Relative paths start at
    /// `directory`.
    pub(crate) fn complete(self, directory: &Path) -> Result<Kms, SettingsError> {
        let backend = self.backend.unwrap_or(KmsBackend::BuiltIn);
        // An operator who sets up a service and forgets to select it would get other keys than intended.
        let unused = [
            (
                KmsBackend::Vault,
                "kms.vault",
                self.vault != VaultLayer::default(),
            ),
            (KmsBackend::Aws, "kms.aws", self.aws != AwsLayer::default()),
        ];
        for (goes_with, table, given) in unused {
            if given && goes_with != backend {
                return Err(SettingsError::OtherKms {
                    table,
                    goes_with,
                    backend,
                });
            }
        }
        let built_in = Lifetimes::default();
        let lifetime =
            |given: Option<CacheSeconds>, otherwise| given.map_or(otherwise, CacheSeconds::duration);
        Ok(Kms {
            default_key: match backend {
                KmsBackend::BuiltIn => self.default_key.or_else(|| Some(DEFAULT_LABEL.to_owned())),
                _ => self.default_key,
            },
            lifetimes: Lifetimes {
                positive: lifetime(self.cache_seconds, built_in.positive),
                negative: lifetime(self.negative_seconds, built_in.negative),
                transient: lifetime(self.transient_seconds, built_in.transient),
                ..built_in
            },
            service: match backend {
                KmsBackend::BuiltIn => KmsSource::BuiltIn,
                KmsBackend::Vault => KmsSource::Vault(self.vault.complete(directory)?),
                KmsBackend::Aws => KmsSource::Aws(self.aws.complete(directory)?),
                KmsBackend::Off => KmsSource::Off,
            },
        })
    }
}

impl VaultLayer {
    fn complete(self, directory: &Path) -> Result<VaultSettings, SettingsError> {
        let path = |path: PathBuf| absolute(directory, &path);
        let approle = self.approle_mount.is_some();
        let login = match (self.token_file, self.role_id_file, self.secret_id_file) {
            (Some(token), None, None) if !approle => VaultLogin::TokenFile(path(token)),
            (None, Some(role_id), Some(secret_id)) => VaultLogin::AppRole {
                mount: self.approle_mount.unwrap_or_else(|| "approle".to_owned()),
                role_id_file: path(role_id),
                secret_id_file: path(secret_id),
            },
            _ => return Err(SettingsError::VaultLogin),
        };
        let settings = VaultSettings {
            address: self
                .address
                .ok_or(SettingsError::KmsMissing("kms.vault.address"))?,
            mount: self.mount.unwrap_or_else(|| "transit".to_owned()),
            namespace: self.namespace,
            ca_file: self.ca_file.map(path),
            login,
        };
        settings.check()?;
        Ok(settings)
    }
}

impl AwsLayer {
    fn complete(self, directory: &Path) -> Result<AwsSettings, SettingsError> {
        let missing = SettingsError::KmsMissing;
        let credentials = self.credentials_file.ok_or(missing("kms.aws.credentials_file"))?;
        let settings = AwsSettings {
            region: self.region.ok_or(missing("kms.aws.region"))?,
            endpoint: self.endpoint,
            ca_file: self.ca_file.map(|path| absolute(directory, &path)),
            credentials_file: absolute(directory, &credentials),
            profile: self.profile.unwrap_or_else(|| "default".to_owned()),
        };
        settings.check()?;
        Ok(settings)
    }
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

impl Kms {
    /// Returns which service is in use.
    pub(crate) fn backend(&self) -> KmsBackend {
        match self.service {
            KmsSource::BuiltIn => KmsBackend::BuiltIn,
            KmsSource::Vault(_) => KmsBackend::Vault,
            KmsSource::Aws(_) => KmsBackend::Aws,
            KmsSource::Off => KmsBackend::Off,
        }
    }

    pub(super) fn vault(&self) -> Option<&VaultSettings> {
        match &self.service {
            KmsSource::Vault(vault) => Some(vault),
            _ => None,
        }
    }

    pub(super) fn aws(&self) -> Option<&AwsSettings> {
        match &self.service {
            KmsSource::Aws(aws) => Some(aws),
            _ => None,
        }
    }
}

impl CacheSeconds {
    /// Longest lifetime: one day.
    pub(crate) const LONGEST: u64 = 86_400;

    fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl TryFrom<u64> for CacheSeconds {
    type Error = ValueError;

    fn try_from(seconds: u64) -> Result<Self, ValueError> {
        if seconds > Self::LONGEST {
            return Err(ValueError::CacheSeconds);
        }
        Ok(Self(seconds))
    }
}

impl FromStr for CacheSeconds {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<u64>()
            .map_err(|_| ValueError::CacheSeconds)?
            .try_into()
    }
}
