//! The flags that say which key management service is asked.

use std::path::PathBuf;

use clap::Args;

use crate::settings::{AwsLayer, CacheSeconds, KmsBackend, KmsLayer, VaultLayer};

/// The key management service.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Key management service (docs/kms.md)")]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub(crate) struct KmsFlags {
    /// What wraps the keys of SSE-KMS objects: the keyring, Vault or OpenBao, AWS KMS, or nothing [default: built-in].
    #[arg(long, value_name = "SERVICE", hide_possible_values = true)]
    kms_backend: Option<KmsBackend>,
    /// Key for requests that name none [default: the built-in key "default"; of other services none].
    #[arg(long, value_name = "KEY")]
    kms_default_key: Option<String>,
    /// How long unwrapped keys stay in memory; 0 keeps none [default: 300].
    #[arg(long, value_name = "SECONDS")]
    kms_cache_seconds: Option<CacheSeconds>,
    /// How long it is remembered that a key is missing, disabled or denied [default: 10].
    #[arg(long, value_name = "SECONDS")]
    kms_negative_seconds: Option<CacheSeconds>,
    /// How long a service that cannot be used is left alone [default: 2].
    #[arg(long, value_name = "SECONDS")]
    kms_transient_seconds: Option<CacheSeconds>,
    /// Where Vault or OpenBao is, as https://HOST:PORT.
    #[arg(long, value_name = "URL")]
    kms_vault_address: Option<String>,
    /// Where its transit engine is mounted [default: transit].
    #[arg(long, value_name = "PATH")]
    kms_vault_mount: Option<String>,
    /// Its namespace.
    #[arg(long, value_name = "NAME")]
    kms_vault_namespace: Option<String>,
    /// Certificates (PEM) of the authorities to trust for it [default: those of the system].
    #[arg(long, value_name = "FILE")]
    kms_vault_ca_file: Option<PathBuf>,
    /// File with a token for it.
    #[arg(long, value_name = "FILE")]
    kms_vault_token_file: Option<PathBuf>,
    /// Where AppRole is mounted [default: approle].
    #[arg(long, value_name = "PATH")]
    kms_vault_approle_mount: Option<String>,
    /// File with the role id of an AppRole.
    #[arg(long, value_name = "FILE")]
    kms_vault_role_id_file: Option<PathBuf>,
    /// File with the secret id of an AppRole.
    #[arg(long, value_name = "FILE")]
    kms_vault_secret_id_file: Option<PathBuf>,
    /// Region of AWS KMS.
    #[arg(long, value_name = "REGION")]
    kms_aws_region: Option<String>,
    /// Where AWS KMS is, or what speaks its API, as https://HOST:PORT [default: where AWS has it].
    #[arg(long, value_name = "URL")]
    kms_aws_endpoint: Option<String>,
    /// Certificates (PEM) of the authorities to trust for it [default: those of the system].
    #[arg(long, value_name = "FILE")]
    kms_aws_ca_file: Option<PathBuf>,
    /// File with credentials for it, in the format of ~/.aws/credentials.
    #[arg(long, value_name = "FILE")]
    kms_aws_credentials_file: Option<PathBuf>,
    /// Profile in the file of credentials [default: default].
    #[arg(long, value_name = "NAME")]
    kms_aws_profile: Option<String>,
}

impl KmsFlags {
    /// The settings given by these flags.
    pub(super) fn into_layer(self) -> KmsLayer {
        KmsLayer {
            backend: self.kms_backend,
            default_key: self.kms_default_key,
            cache_seconds: self.kms_cache_seconds,
            negative_seconds: self.kms_negative_seconds,
            transient_seconds: self.kms_transient_seconds,
            vault: VaultLayer {
                address: self.kms_vault_address,
                mount: self.kms_vault_mount,
                namespace: self.kms_vault_namespace,
                ca_file: self.kms_vault_ca_file,
                token_file: self.kms_vault_token_file,
                approle_mount: self.kms_vault_approle_mount,
                role_id_file: self.kms_vault_role_id_file,
                secret_id_file: self.kms_vault_secret_id_file,
            },
            aws: AwsLayer {
                region: self.kms_aws_region,
                endpoint: self.kms_aws_endpoint,
                ca_file: self.kms_aws_ca_file,
                credentials_file: self.kms_aws_credentials_file,
                profile: self.kms_aws_profile,
            },
        }
    }
}
