//! Settings of Vault or OpenBao.

use std::path::{Path, PathBuf};

use strongroom_keys::kms::{VaultLogin, VaultSettings};

use super::service::{KmsSource, authorities};
use crate::settings::error::SettingsError;
use crate::settings::layered::layer;
use crate::settings::paths::absolute;
use crate::settings::show::{path, text};

layer! {
    /// The settings of Vault or OpenBao given by one source.
    struct VaultLayer, shown from service: KmsSource {
        /// Address of Vault or OpenBao, as https://HOST:PORT.
        #[arg(value_name = "URL")]
        address["kms-vault-address"]: Option<String> = text(service.vault().map(|vault| &vault.address)),
        /// Mount path of the transit engine [default: transit].
        #[arg(value_name = "PATH")]
        mount["kms-vault-mount"]: Option<String> = text(service.vault().map(|vault| &vault.mount)),
        /// Namespace in Vault or OpenBao.
        #[arg(value_name = "NAME")]
        namespace["kms-vault-namespace"]: Option<String> = text(service.vault().and_then(|vault| vault.namespace.as_ref())),
        /// CA certificates (PEM) to trust for Vault or OpenBao [default: those of the system].
        #[arg(value_name = "FILE")]
        ca_file["kms-vault-ca-file"]: Option<PathBuf> = authorities(service.vault().map(|vault| &vault.ca_file)),
        /// File with a token for Vault or OpenBao.
        #[arg(value_name = "FILE")]
        token_file["kms-vault-token-file"]: Option<PathBuf> = path(service.vault().and_then(VaultSettings::token_file)),
        /// Mount path of AppRole [default: approle].
        #[arg(value_name = "PATH")]
        approle_mount["kms-vault-approle-mount"]: Option<String> = text(service.vault().and_then(VaultSettings::approle_mount)),
        /// File with the role id of an AppRole.
        #[arg(value_name = "FILE")]
        role_id_file["kms-vault-role-id-file"]: Option<PathBuf> = path(service.vault().and_then(VaultSettings::role_id_file)),
        /// File with the secret id of an AppRole.
        #[arg(value_name = "FILE")]
        secret_id_file["kms-vault-secret-id-file"]: Option<PathBuf> = path(service.vault().and_then(VaultSettings::secret_id_file)),
    }
}

impl VaultLayer {
    /// Fills in defaults. Relative paths start at `directory`.
    pub(super) fn complete(self, directory: &Path) -> Result<VaultSettings, SettingsError> {
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
