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

/// A setting that has its name in the layer too: how its text is read, and how it is shown.
macro_rules! setting {
    ($first:ident $(.$rest:ident)*, $read:ident, $show:expr) => {
        Setting {
            name: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            read: |layer, text| $read(&mut layer.$first$(.$rest)*, text),
            given: |layer| layer.$first$(.$rest)*.is_some(),
            show: $show,
        }
    };
}

/// All settings, in the order `check-config` shows them.
pub(crate) const SETTINGS: [Setting; 49] = [
    setting!(data_dir, value, |settings| settings
        .data_dir
        .display()
        .to_string()),
    setting!(keyring, value, |settings| settings.keyring.display().to_string()),
    setting!(root.source, choice, |settings| word(&settings.root.source())),
    setting!(root.file, value, |settings| match &settings.root {
        Root::File(path) => path.display().to_string(),
        _ => "none".to_owned(),
    }),
    setting!(root.credential, value, |settings| match &settings.root {
        Root::Credential(name) => name.to_string(),
        _ => "none".to_owned(),
    }),
    setting!(root.passphrase_file, value, |settings| match &settings.root {
        Root::Passphrase(PassphraseFrom::File(path)) => path.display().to_string(),
        Root::Passphrase(PassphraseFrom::Terminal) => "asked at the terminal".to_owned(),
        _ => "none".to_owned(),
    }),
    setting!(
        root.passphrase_credential,
        value,
        |settings| match &settings.root {
            Root::Passphrase(PassphraseFrom::Credential(name)) => name.to_string(),
            _ => "none".to_owned(),
        }
    ),
    setting!(root.pkcs11_module, value, |settings| path(
        settings.root.token().map(|token| &token.module)
    )),
    setting!(root.pkcs11_token, value, |settings| text(
        settings.root.token().and_then(|token| token.token.as_ref())
    )),
    setting!(root.pkcs11_key, value, |settings| text(
        settings.root.token().map(|token| &token.key)
    )),
    setting!(root.pkcs11_pin_file, value, |settings| path(
        settings.root.token().map(|token| &token.pin_file)
    )),
    setting!(root.kms_key, value, |settings| match &settings.root {
        Root::Kms(key) => key.clone(),
        _ => "none".to_owned(),
    }),
    setting!(region, value, |settings| settings.region.to_string()),
    setting!(hosts, list, |settings| joined(&settings.hosts)),
    setting!(https.listen, value, |settings| settings.https.listen.to_string()),
    setting!(
        https.certificate,
        value,
        |settings| match &settings.https.certificate {
            Some(files) => files.certificate.display().to_string(),
            None => "made by Strongroom".to_owned(),
        }
    ),
    setting!(https.key, value, |settings| match &settings.https.certificate {
        Some(files) => files.key.display().to_string(),
        None => "made by Strongroom".to_owned(),
    }),
    setting!(http.listen, value, |settings| settings.http.listen.to_string()),
    setting!(sse_c.head_without_key, choice, |settings| word(
        &settings.sse_c.head_without_key
    )),
    setting!(sse_c.cleartext, choice, |settings| word(
        &settings.sse_c.cleartext
    )),
    setting!(memory.core_dumps, value, |settings| settings
        .memory
        .core_dumps
        .to_string()),
    setting!(memory.lock, choice, |settings| word(&settings.memory.lock)),
    setting!(kms.backend, choice, |settings| word(&settings.kms.backend())),
    setting!(kms.default_key, value, |settings| text(
        settings.kms.default_key.as_ref()
    )),
    setting!(kms.cache_seconds, value, |settings| settings
        .kms
        .lifetimes
        .positive
        .as_secs()
        .to_string()),
    setting!(kms.negative_seconds, value, |settings| settings
        .kms
        .lifetimes
        .negative
        .as_secs()
        .to_string()),
    setting!(kms.transient_seconds, value, |settings| settings
        .kms
        .lifetimes
        .transient
        .as_secs()
        .to_string()),
    setting!(kms.vault.address, value, |settings| text(
        settings.kms.vault().map(|vault| &vault.address)
    )),
    setting!(kms.vault.mount, value, |settings| text(
        settings.kms.vault().map(|vault| &vault.mount)
    )),
    setting!(kms.vault.namespace, value, |settings| text(
        settings.kms.vault().and_then(|vault| vault.namespace.as_ref())
    )),
    setting!(kms.vault.ca_file, value, |settings| authorities(
        settings.kms.vault().map(|vault| &vault.ca_file)
    )),
    setting!(kms.vault.token_file, value, |settings| path(
        settings.kms.vault().and_then(VaultSettings::token_file)
    )),
    setting!(kms.vault.approle_mount, value, |settings| text(
        settings.kms.vault().and_then(VaultSettings::approle_mount)
    )),
    setting!(kms.vault.role_id_file, value, |settings| path(
        settings.kms.vault().and_then(VaultSettings::role_id_file)
    )),
    setting!(kms.vault.secret_id_file, value, |settings| path(
        settings.kms.vault().and_then(VaultSettings::secret_id_file)
    )),
    setting!(kms.aws.region, value, |settings| text(
        settings.kms.aws().map(|aws| &aws.region)
    )),
    setting!(kms.aws.endpoint, value, |settings| text(
        settings.kms.aws().and_then(|aws| aws.endpoint.as_ref())
    )),
    setting!(kms.aws.ca_file, value, |settings| authorities(
        settings.kms.aws().map(|aws| &aws.ca_file)
    )),
    setting!(kms.aws.credentials_file, value, |settings| path(
        settings.kms.aws().map(|aws| &aws.credentials_file)
    )),
    setting!(kms.aws.profile, value, |settings| text(
        settings.kms.aws().map(|aws| &aws.profile)
    )),
    setting!(audit.enabled, value, |settings| settings
        .audit
        .enabled
        .to_string()),
    setting!(audit.directory, value, |settings| settings
        .audit
        .directory
        .display()
        .to_string()),
    setting!(audit.rotate_mib, value, |settings| settings
        .audit
        .rotate_mib
        .to_string()),
    setting!(audit.keep, value, |settings| settings.audit.keep.to_string()),
    setting!(trusted_proxies, list, |settings| joined(
        &settings.trusted_proxies
    )),
    setting!(log, choice, |settings| word(&settings.log)),
    setting!(log_format, choice, |settings| word(&settings.log_format)),
    setting!(shutdown_grace, value, |settings| settings
        .shutdown_grace
        .as_secs()
        .to_string()),
    setting!(lifecycle_day, value, |settings| settings
        .lifecycle_day
        .as_secs()
        .to_string()),
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
