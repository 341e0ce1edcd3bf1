//! Errors of settings.

use std::io;
use std::path::PathBuf;

use strongroom_keys::kms::SetupError;

/// Reasons why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("cannot read the settings file {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the settings file {} is invalid:\n{}", path.display(), reason.to_string().trim_end())]
    File { path: PathBuf, reason: toml::de::Error },
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error("{0} is empty: set a path or omit it")]
    EmptyPath(String),
    #[error(
        "{table} requires kms.backend = \"{}\", but kms.backend is \"{}\"",
        goes_with,
        backend
    )]
    OtherKms {
        table: &'static str,
        goes_with: &'static str,
        backend: &'static str,
    },
    #[error("{0} is missing: the selected kms.backend requires it")]
    KmsMissing(&'static str),
    #[error("set either kms.vault.token_file, or both kms.vault.role_id_file and kms.vault.secret_id_file")]
    VaultLogin,
    #[error(transparent)]
    Kms(#[from] SetupError),
    #[error(
        "{name} requires root.source = \"{}\", but root.source is \"{}\"",
        goes_with,
        source_is
    )]
    OtherRootSource {
        name: String,
        goes_with: &'static str,
        source_is: &'static str,
    },
    #[error("root.passphrase_file and root.passphrase_credential are both set: set only one of them")]
    TwoPassphrases,
    #[error("{0} is missing: the selected root.source requires it")]
    RootMissing(&'static str),
    #[error("root.source = \"kms\" requires kms.backend = \"vault\" or \"aws\"")]
    RootNeedsKms,
    #[error(
        "only one of https.certificate and https.key is set: set both, or neither to use a generated certificate"
    )]
    HalfCertificate,
    #[error("https.listen and http.listen are both off: set an address for at least one")]
    NoListener,
    #[error("https.listen and http.listen are both {0}: set different ports")]
    SameAddress(std::net::SocketAddr),
    #[error(
        "console.listen and a listener of S3 both have port {0}: set another port for the console, so that no object can act \
         as a page of it"
    )]
    SharedOrigin(u16),
}

/// Reasons why a variable was rejected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VariableError {
    #[error("unknown environment variable {name}{}", hint(.nearest.as_deref()))]
    Unknown { name: String, nearest: Option<String> },
    #[error("the environment variable {name} is empty: unset it or set a value")]
    Empty { name: String },
    #[error("the environment variable {name} is not valid UTF-8")]
    NotText { name: String },
    #[error("invalid value {text:?} in the environment variable {name}: {expected}")]
    Value {
        name: String,
        text: String,
        expected: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; run `strongroom check-config --all` to list the settings".to_owned(),
        |nearest| format!("; did you mean {nearest}?"),
    )
}
