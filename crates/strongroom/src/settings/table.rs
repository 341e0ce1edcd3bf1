//! Every setting once: its name, how its variable is read, whether a source gives it, how it is shown.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use strongroom_keys::kms::VaultSettings;

use super::root::{PassphraseFrom, Root};
use super::{Layer, Settings};

/// What is to be known of one setting.
pub(crate) struct Setting {
    /// Name in the file, tables written with a dot.
    pub(crate) name: &'static str,
    /// Reads the text of a variable into the layer; the error says what to write.
    pub(crate) read: fn(&mut Layer, &str) -> Result<(), String>,
    pub(crate) given: fn(&Layer) -> bool,
    pub(crate) show: fn(&Settings) -> String,
}

impl Setting {
    /// `https.listen` is `STRONGROOM_HTTPS_LISTEN`.
    pub(crate) fn variable(&self) -> String {
        format!("STRONGROOM_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// All settings, in the order `check-config` shows them.
pub(crate) const SETTINGS: [Setting; 49] = [
    Setting {
        name: "data_dir",
        read: |layer, text| value(&mut layer.data_dir, text),
        given: |layer| layer.data_dir.is_some(),
        show: |settings| settings.data_dir.display().to_string(),
    },
    Setting {
        name: "keyring",
        read: |layer, text| value(&mut layer.keyring, text),
        given: |layer| layer.keyring.is_some(),
        show: |settings| settings.keyring.display().to_string(),
    },
    Setting {
        name: "root.source",
        read: |layer, text| choice(&mut layer.root.source, text),
        given: |layer| layer.root.source.is_some(),
        show: |settings| word(&settings.root.source()),
    },
    Setting {
        name: "root.file",
        read: |layer, text| value(&mut layer.root.file, text),
        given: |layer| layer.root.file.is_some(),
        show: |settings| match &settings.root {
            Root::File(path) => path.display().to_string(),
            _ => "none".to_owned(),
        },
    },
    Setting {
        name: "root.credential",
        read: |layer, text| value(&mut layer.root.credential, text),
        given: |layer| layer.root.credential.is_some(),
        show: |settings| match &settings.root {
            Root::Credential(name) => name.to_string(),
            _ => "none".to_owned(),
        },
    },
    Setting {
        name: "root.passphrase_file",
        read: |layer, text| value(&mut layer.root.passphrase_file, text),
        given: |layer| layer.root.passphrase_file.is_some(),
        show: |settings| match &settings.root {
            Root::Passphrase(PassphraseFrom::File(path)) => path.display().to_string(),
            Root::Passphrase(PassphraseFrom::Terminal) => "asked at the terminal".to_owned(),
            _ => "none".to_owned(),
        },
    },
    Setting {
        name: "root.passphrase_credential",
        read: |layer, text| value(&mut layer.root.passphrase_credential, text),
        given: |layer| layer.root.passphrase_credential.is_some(),
        show: |settings| match &settings.root {
            Root::Passphrase(PassphraseFrom::Credential(name)) => name.to_string(),
            _ => "none".to_owned(),
        },
    },
    Setting {
        name: "root.pkcs11_module",
        read: |layer, text| value(&mut layer.root.pkcs11_module, text),
        given: |layer| layer.root.pkcs11_module.is_some(),
        show: |settings| path(settings.root.token().map(|token| &token.module)),
    },
    Setting {
        name: "root.pkcs11_token",
        read: |layer, text| value(&mut layer.root.pkcs11_token, text),
        given: |layer| layer.root.pkcs11_token.is_some(),
        show: |settings| text(settings.root.token().and_then(|token| token.token.as_ref())),
    },
    Setting {
        name: "root.pkcs11_key",
        read: |layer, text| value(&mut layer.root.pkcs11_key, text),
        given: |layer| layer.root.pkcs11_key.is_some(),
        show: |settings| text(settings.root.token().map(|token| &token.key)),
    },
    Setting {
        name: "root.pkcs11_pin_file",
        read: |layer, text| value(&mut layer.root.pkcs11_pin_file, text),
        given: |layer| layer.root.pkcs11_pin_file.is_some(),
        show: |settings| path(settings.root.token().map(|token| &token.pin_file)),
    },
    Setting {
        name: "root.kms_key",
        read: |layer, text| value(&mut layer.root.kms_key, text),
        given: |layer| layer.root.kms_key.is_some(),
        show: |settings| match &settings.root {
            Root::Kms(key) => key.clone(),
            _ => "none".to_owned(),
        },
    },
    Setting {
        name: "region",
        read: |layer, text| value(&mut layer.region, text),
        given: |layer| layer.region.is_some(),
        show: |settings| settings.region.to_string(),
    },
    Setting {
        name: "hosts",
        read: |layer, text| list(&mut layer.hosts, text),
        given: |layer| layer.hosts.is_some(),
        show: |settings| joined(&settings.hosts),
    },
    Setting {
        name: "https.listen",
        read: |layer, text| value(&mut layer.https.listen, text),
        given: |layer| layer.https.listen.is_some(),
        show: |settings| settings.https.listen.to_string(),
    },
    Setting {
        name: "https.certificate",
        read: |layer, text| value(&mut layer.https.certificate, text),
        given: |layer| layer.https.certificate.is_some(),
        show: |settings| match &settings.https.certificate {
            Some(files) => files.certificate.display().to_string(),
            None => "made by Strongroom".to_owned(),
        },
    },
    Setting {
        name: "https.key",
        read: |layer, text| value(&mut layer.https.key, text),
        given: |layer| layer.https.key.is_some(),
        show: |settings| match &settings.https.certificate {
            Some(files) => files.key.display().to_string(),
            None => "made by Strongroom".to_owned(),
        },
    },
    Setting {
        name: "http.listen",
        read: |layer, text| value(&mut layer.http.listen, text),
        given: |layer| layer.http.listen.is_some(),
        show: |settings| settings.http.listen.to_string(),
    },
    Setting {
        name: "sse_c.head_without_key",
        read: |layer, text| choice(&mut layer.sse_c.head_without_key, text),
        given: |layer| layer.sse_c.head_without_key.is_some(),
        show: |settings| word(&settings.sse_c.head_without_key),
    },
    Setting {
        name: "sse_c.cleartext",
        read: |layer, text| choice(&mut layer.sse_c.cleartext, text),
        given: |layer| layer.sse_c.cleartext.is_some(),
        show: |settings| word(&settings.sse_c.cleartext),
    },
    Setting {
        name: "memory.core_dumps",
        read: |layer, text| value(&mut layer.memory.core_dumps, text),
        given: |layer| layer.memory.core_dumps.is_some(),
        show: |settings| settings.memory.core_dumps.to_string(),
    },
    Setting {
        name: "memory.lock",
        read: |layer, text| choice(&mut layer.memory.lock, text),
        given: |layer| layer.memory.lock.is_some(),
        show: |settings| word(&settings.memory.lock),
    },
    Setting {
        name: "kms.backend",
        read: |layer, text| choice(&mut layer.kms.backend, text),
        given: |layer| layer.kms.backend.is_some(),
        show: |settings| word(&settings.kms.backend()),
    },
    Setting {
        name: "kms.default_key",
        read: |layer, text| value(&mut layer.kms.default_key, text),
        given: |layer| layer.kms.default_key.is_some(),
        show: |settings| text(settings.kms.default_key.as_ref()),
    },
    Setting {
        name: "kms.cache_seconds",
        read: |layer, text| value(&mut layer.kms.cache_seconds, text),
        given: |layer| layer.kms.cache_seconds.is_some(),
        show: |settings| settings.kms.lifetimes.positive.as_secs().to_string(),
    },
    Setting {
        name: "kms.negative_seconds",
        read: |layer, text| value(&mut layer.kms.negative_seconds, text),
        given: |layer| layer.kms.negative_seconds.is_some(),
        show: |settings| settings.kms.lifetimes.negative.as_secs().to_string(),
    },
    Setting {
        name: "kms.transient_seconds",
        read: |layer, text| value(&mut layer.kms.transient_seconds, text),
        given: |layer| layer.kms.transient_seconds.is_some(),
        show: |settings| settings.kms.lifetimes.transient.as_secs().to_string(),
    },
    Setting {
        name: "kms.vault.address",
        read: |layer, text| value(&mut layer.kms.vault.address, text),
        given: |layer| layer.kms.vault.address.is_some(),
        show: |settings| text(settings.kms.vault().map(|vault| &vault.address)),
    },
    Setting {
        name: "kms.vault.mount",
        read: |layer, text| value(&mut layer.kms.vault.mount, text),
        given: |layer| layer.kms.vault.mount.is_some(),
        show: |settings| text(settings.kms.vault().map(|vault| &vault.mount)),
    },
    Setting {
        name: "kms.vault.namespace",
        read: |layer, text| value(&mut layer.kms.vault.namespace, text),
        given: |layer| layer.kms.vault.namespace.is_some(),
        show: |settings| text(settings.kms.vault().and_then(|vault| vault.namespace.as_ref())),
    },
    Setting {
        name: "kms.vault.ca_file",
        read: |layer, text| value(&mut layer.kms.vault.ca_file, text),
        given: |layer| layer.kms.vault.ca_file.is_some(),
        show: |settings| authorities(settings.kms.vault().map(|vault| &vault.ca_file)),
    },
    Setting {
        name: "kms.vault.token_file",
        read: |layer, text| value(&mut layer.kms.vault.token_file, text),
        given: |layer| layer.kms.vault.token_file.is_some(),
        show: |settings| path(settings.kms.vault().and_then(VaultSettings::token_file)),
    },
    Setting {
        name: "kms.vault.approle_mount",
        read: |layer, text| value(&mut layer.kms.vault.approle_mount, text),
        given: |layer| layer.kms.vault.approle_mount.is_some(),
        show: |settings| text(settings.kms.vault().and_then(VaultSettings::approle_mount)),
    },
    Setting {
        name: "kms.vault.role_id_file",
        read: |layer, text| value(&mut layer.kms.vault.role_id_file, text),
        given: |layer| layer.kms.vault.role_id_file.is_some(),
        show: |settings| path(settings.kms.vault().and_then(VaultSettings::role_id_file)),
    },
    Setting {
        name: "kms.vault.secret_id_file",
        read: |layer, text| value(&mut layer.kms.vault.secret_id_file, text),
        given: |layer| layer.kms.vault.secret_id_file.is_some(),
        show: |settings| path(settings.kms.vault().and_then(VaultSettings::secret_id_file)),
    },
    Setting {
        name: "kms.aws.region",
        read: |layer, text| value(&mut layer.kms.aws.region, text),
        given: |layer| layer.kms.aws.region.is_some(),
        show: |settings| text(settings.kms.aws().map(|aws| &aws.region)),
    },
    Setting {
        name: "kms.aws.endpoint",
        read: |layer, text| value(&mut layer.kms.aws.endpoint, text),
        given: |layer| layer.kms.aws.endpoint.is_some(),
        show: |settings| text(settings.kms.aws().and_then(|aws| aws.endpoint.as_ref())),
    },
    Setting {
        name: "kms.aws.ca_file",
        read: |layer, text| value(&mut layer.kms.aws.ca_file, text),
        given: |layer| layer.kms.aws.ca_file.is_some(),
        show: |settings| authorities(settings.kms.aws().map(|aws| &aws.ca_file)),
    },
    Setting {
        name: "kms.aws.credentials_file",
        read: |layer, text| value(&mut layer.kms.aws.credentials_file, text),
        given: |layer| layer.kms.aws.credentials_file.is_some(),
        show: |settings| path(settings.kms.aws().map(|aws| &aws.credentials_file)),
    },
    Setting {
        name: "kms.aws.profile",
        read: |layer, text| value(&mut layer.kms.aws.profile, text),
        given: |layer| layer.kms.aws.profile.is_some(),
        show: |settings| text(settings.kms.aws().map(|aws| &aws.profile)),
    },
    Setting {
        name: "audit.enabled",
        read: |layer, text| value(&mut layer.audit.enabled, text),
        given: |layer| layer.audit.enabled.is_some(),
        show: |settings| settings.audit.enabled.to_string(),
    },
    Setting {
        name: "audit.directory",
        read: |layer, text| value(&mut layer.audit.directory, text),
        given: |layer| layer.audit.directory.is_some(),
        show: |settings| settings.audit.directory.display().to_string(),
    },
    Setting {
        name: "audit.rotate_mib",
        read: |layer, text| value(&mut layer.audit.rotate_mib, text),
        given: |layer| layer.audit.rotate_mib.is_some(),
        show: |settings| settings.audit.rotate_mib.to_string(),
    },
    Setting {
        name: "audit.keep",
        read: |layer, text| value(&mut layer.audit.keep, text),
        given: |layer| layer.audit.keep.is_some(),
        show: |settings| settings.audit.keep.to_string(),
    },
    Setting {
        name: "trusted_proxies",
        read: |layer, text| list(&mut layer.trusted_proxies, text),
        given: |layer| layer.trusted_proxies.is_some(),
        show: |settings| joined(&settings.trusted_proxies),
    },
    Setting {
        name: "log",
        read: |layer, text| choice(&mut layer.log, text),
        given: |layer| layer.log.is_some(),
        show: |settings| word(&settings.log),
    },
    Setting {
        name: "log_format",
        read: |layer, text| choice(&mut layer.log_format, text),
        given: |layer| layer.log_format.is_some(),
        show: |settings| word(&settings.log_format),
    },
    Setting {
        name: "shutdown_grace",
        read: |layer, text| value(&mut layer.shutdown_grace, text),
        given: |layer| layer.shutdown_grace.is_some(),
        show: |settings| settings.shutdown_grace.as_secs().to_string(),
    },
    Setting {
        name: "lifecycle_day",
        read: |layer, text| value(&mut layer.lifecycle_day, text),
        given: |layer| layer.lifecycle_day.is_some(),
        show: |settings| settings.lifecycle_day.as_secs().to_string(),
    },
];

fn value<T: FromStr<Err: Display>>(slot: &mut Option<T>, text: &str) -> Result<(), String> {
    *slot = Some(text.parse().map_err(|error: T::Err| error.to_string())?);
    Ok(())
}

fn list<T: FromStr<Err: Display>>(slot: &mut Option<Vec<T>>, text: &str) -> Result<(), String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    *slot = Some(
        items
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|error: T::Err| format!("{error}; separate several with commas"))?,
    );
    Ok(())
}

fn choice<T: ValueEnum>(slot: &mut Option<T>, text: &str) -> Result<(), String> {
    let words = || {
        T::value_variants()
            .iter()
            .map(word)
            .collect::<Vec<_>>()
            .join(", ")
    };
    *slot = Some(T::from_str(text, false).map_err(|_| format!("write one of: {}", words()))?);
    Ok(())
}

/// The word a choice is written with.
fn word<T: ValueEnum>(choice: &T) -> String {
    choice
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

fn joined<T: Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn text(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(|| "none".to_owned())
}

fn path(given: Option<&PathBuf>) -> String {
    given.map_or_else(|| "none".to_owned(), |path| path.display().to_string())
}

/// The certificates to trust for a service; `None` if that service is not in use.
fn authorities(file: Option<&Option<PathBuf>>) -> String {
    match file {
        Some(None) => "those of the system".to_owned(),
        Some(file) => path(file.as_ref()),
        None => "none".to_owned(),
    }
}
