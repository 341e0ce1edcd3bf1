//! Flags of the root key.

use std::path::PathBuf;

use clap::Args;

use crate::settings::{CredentialName, RootLayer, RootSourceName};

/// Source of the new root key.
#[derive(Debug, Args)]
pub(crate) struct ToFlags {
    /// Source of the new root key.
    #[arg(id = "to-source", long = "to-source", value_name = "SOURCE")]
    source: RootSourceName,
    /// File of the new root key; created if it does not exist [default: root.key beside the keyring].
    #[arg(id = "to-file", long = "to-file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Name of the systemd credential that holds the new root key [default: strongroom-root].
    #[arg(id = "to-credential", long = "to-credential", value_name = "NAME")]
    credential: Option<CredentialName>,
    /// File of the new passphrase [default: ask at the terminal].
    #[arg(id = "to-passphrase-file", long = "to-passphrase-file", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Name of the systemd credential that holds the new passphrase.
    #[arg(
        id = "to-passphrase-credential",
        long = "to-passphrase-credential",
        value_name = "NAME"
    )]
    passphrase_credential: Option<CredentialName>,
    /// Module (shared library) of the PKCS#11 token whose key wraps the new root key.
    #[arg(id = "to-pkcs11-module", long = "to-pkcs11-module", value_name = "FILE")]
    pkcs11_module: Option<PathBuf>,
    /// Label of the token [default: the only token].
    #[arg(id = "to-pkcs11-token", long = "to-pkcs11-token", value_name = "LABEL")]
    pkcs11_token: Option<String>,
    /// Label of the key in the token: an AES key or an RSA pair.
    #[arg(id = "to-pkcs11-key", long = "to-pkcs11-key", value_name = "LABEL")]
    pkcs11_key: Option<String>,
    /// File of the token's PIN.
    #[arg(id = "to-pkcs11-pin-file", long = "to-pkcs11-pin-file", value_name = "FILE")]
    pkcs11_pin_file: Option<PathBuf>,
    /// Key of the key management service (the settings kms.*) that wraps the new root key.
    #[arg(id = "to-kms-key", long = "to-kms-key", value_name = "KEY")]
    kms_key: Option<String>,
}

impl ToFlags {
    /// Returns these flags as settings of the root key.
    pub(crate) fn into_layer(self) -> RootLayer {
        RootLayer {
            source: Some(self.source),
            file: self.file,
            credential: self.credential,
            passphrase_file: self.passphrase_file,
            passphrase_credential: self.passphrase_credential,
            pkcs11_module: self.pkcs11_module,
            pkcs11_token: self.pkcs11_token,
            pkcs11_key: self.pkcs11_key,
            pkcs11_pin_file: self.pkcs11_pin_file,
            kms_key: self.kms_key,
        }
    }
}
