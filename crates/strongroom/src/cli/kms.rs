//! Flags that configure the key management service.

use std::path::PathBuf;

use clap::Args;

use crate::settings::{AwsLayer, CacheSeconds, KmsBackend, KmsLayer, VaultLayer};

/// Flags of the key management service.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Key management service (docs/kms.md)")]
#[expect(clippy::struct_field_names, reason = "the fields are named after the flags")]
pub(crate) struct KmsFlags {
    /// Service that wraps the keys of SSE-KMS objects: built-in (the keyring), vault (Vault or OpenBao), aws (AWS KMS),
    /// or off [default: built-in].
    #[arg(long, value_name = "SERVICE", hide_possible_values = true)]
    kms_backend: Option<KmsBackend>,
    /// Key for requests that name none [default: the key "default" of the built-in service; none for other services].
    #[arg(long, value_name = "KEY")]
    kms_default_key: Option<String>,
    /// Time that unwrapped keys stay in memory; 0 caches none [default: 300].
    #[arg(long, value_name = "SECONDS")]
    kms_cache_seconds: Option<CacheSeconds>,
    /// Time that the response "key missing, disabled or denied" is cached [default: 10].
    #[arg(long, value_name = "SECONDS")]
    kms_negative_seconds: Option<CacheSeconds>,
    /// Time before an unreachable service is contacted again [default: 2].
    #[arg(long, value_name = "SECONDS")]
    kms_transient_seconds: Option<CacheSeconds>,
    /// Address of Vault or OpenBao, as https://HOST:PORT.
    #[arg(long, value_name = "URL")]
    kms_vault_address: Option<String>,
    /// Mount path of the transit engine [default: transit].
    #[arg(long, value_name = "PATH")]
    kms_vault_mount: Option<String>,
    /// Namespace in Vault or OpenBao.
    #[arg(long, value_name = "NAME")]
    kms_vault_namespace: Option<String>,
    /// CA certificates (PEM) to trust for Vault or OpenBao [default: those of the system].
    #[arg(long, value_name = "FILE")]
    kms_vault_ca_file: Option<PathBuf>,
    /// File with a token for Vault or OpenBao.
    #[arg(long, value_name = "FILE")]
    kms_vault_token_file: Option<PathBuf>,
    /// Mount path of AppRole [default: approle].
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
    /// Address of AWS KMS or of a service with the same API, as https://HOST:PORT [default: the AWS endpoint].
    #[arg(long, value_name = "URL")]
    kms_aws_endpoint: Option<String>,
    /// CA certificates (PEM) to trust for AWS KMS [default: those of the system].
    #[arg(long, value_name = "FILE")]
    kms_aws_ca_file: Option<PathBuf>,
    /// File with credentials for AWS KMS, in the format of ~/.aws/credentials.
    #[arg(long, value_name = "FILE")]
    kms_aws_credentials_file: Option<PathBuf>,
    /// Profile in the credentials file [default: default].
    #[arg(long, value_name = "NAME")]
    kms_aws_profile: Option<String>,
}

impl KmsFlags {
    /// Returns the settings given by these flags.
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
