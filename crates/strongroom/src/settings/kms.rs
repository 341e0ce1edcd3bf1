//! Settings of the key management service for SSE-KMS.

use std::path::Path;
use std::time::Duration;

use strongroom_keys::DEFAULT_LABEL;
use strongroom_keys::kms::Lifetimes;

use self::aws::AwsLayer;
use self::service::{KmsBackend, KmsSource};
use self::vault::VaultLayer;
use super::error::SettingsError;
use super::layered::layer;
use super::show::text;
use super::value::{number, word};

mod aws;
pub(crate) mod service;
mod vault;

#[cfg(test)]
mod tests;

layer! {
    /// The KMS settings given by one source.
    #[command(next_help_heading = "Key management service (docs/kms.md)")]
    struct KmsLayer, shown from kms: Kms {
        /// Service that wraps the keys of SSE-KMS objects: built-in (the keyring), vault (Vault or OpenBao), aws (AWS KMS),
        /// or off [default: built-in].
        #[arg(value_name = "SERVICE", hide_possible_values = true)]
        backend["kms-backend"]: Option<KmsBackend> = word(&kms.service.backend()),
        /// Key for requests that name none [default: the key "default" of the built-in service; none for other services].
        #[arg(value_name = "KEY")]
        default_key["kms-default-key"]: Option<String> = text(kms.default_key.as_ref()),
        /// Time that unwrapped keys stay in memory; 0 caches none [default: 300].
        #[arg(value_name = "SECONDS")]
        cache_seconds["kms-cache-seconds"]: Option<CacheSeconds> = kms.lifetimes.positive.as_secs().to_string(),
        /// Time that the response "key missing, disabled or denied" is cached [default: 10].
        #[arg(value_name = "SECONDS")]
        negative_seconds["kms-negative-seconds"]: Option<CacheSeconds> = kms.lifetimes.negative.as_secs().to_string(),
        /// Time before an unreachable service is contacted again [default: 2].
        #[arg(value_name = "SECONDS")]
        transient_seconds["kms-transient-seconds"]: Option<CacheSeconds> = kms.lifetimes.transient.as_secs().to_string(),
        #[command(flatten)]
        vault: VaultLayer = kms.service,
        #[command(flatten)]
        aws: AwsLayer = kms.service,
    }
}

number! {
    /// Lifetime of a cache entry in seconds. At most one day.
    CacheSeconds: 0 to 86_400 "seconds"
}

/// The key management service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kms {
    pub(crate) service: KmsSource,
    /// Key for requests that name none.
    pub(crate) default_key: Option<String>,
    pub(crate) lifetimes: Lifetimes,
}

impl KmsLayer {
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
                    goes_with: goes_with.word(),
                    backend: backend.word(),
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

impl CacheSeconds {
    fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}
