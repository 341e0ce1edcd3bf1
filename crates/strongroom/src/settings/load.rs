//! Merges the sources: flags over variables over the file over the defaults.

use std::io;
use std::path::{Path, PathBuf};

use strongroom_keys::kms::SetupError;

use super::kms::KmsBackend;
use super::root::RootSourceName;
use super::table::SETTINGS;
use super::values::{
    AuditKeep, Cleartext, HeadWithoutKey, LifecycleDay, Listen, LogFormat, LogLevel, MemoryLock, Region,
    RotateMib, ShutdownGrace,
};
use super::variables::{self, Environment, VariableError};
use super::{Audit, CertificateFiles, Http, Https, Layer, Memory, Settings, SseC};
use crate::files::short_file;

/// Settings file that is read when none is named.
const DEFAULT_FILE: &str = "strongroom.toml";

/// Sources of settings.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) flags: Layer,
    /// File named by `--config`.
    pub(crate) config: Option<PathBuf>,
    pub(crate) environment: Environment,
    /// Directory at which relative paths start: the current directory.
    pub(crate) directory: PathBuf,
}

/// Source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File,
    Variable,
    Flag,
}

/// Settings in force and their origins.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// The settings file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    /// One origin for each of [`SETTINGS`], in the same order.
    pub(crate) origins: Vec<Origin>,
}

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
    EmptyPath(&'static str),
    #[error(
        "{table} requires kms.backend = \"{}\", but kms.backend is \"{}\"",
        goes_with.word(),
        backend.word()
    )]
    OtherKms {
        table: &'static str,
        goes_with: KmsBackend,
        backend: KmsBackend,
    },
    #[error("{0} is missing: the selected kms.backend requires it")]
    KmsMissing(&'static str),
    #[error("set either kms.vault.token_file, or both kms.vault.role_id_file and kms.vault.secret_id_file")]
    VaultLogin,
    #[error(transparent)]
    Kms(#[from] SetupError),
    #[error(
        "{name} requires root.source = \"{}\", but root.source is \"{}\"",
        goes_with.word(),
        source_is.word()
    )]
    OtherRootSource {
        name: &'static str,
        goes_with: RootSourceName,
        source_is: RootSourceName,
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
}

/// Reads all sources, merges them and checks the result.
pub(crate) fn load(sources: Sources) -> Result<Loaded, SettingsError> {
    let Sources {
        flags,
        config,
        environment,
        directory,
    } = sources;
    let variables = variables::read(environment)?;
    let (file, file_layer) = match config.or(variables.config) {
        Some(path) => read_named(&absolute(&directory, &path))?,
        None => read_default(&directory.join(DEFAULT_FILE))?,
    };
    let origins = SETTINGS
        .iter()
        .map(|setting| match () {
            () if (setting.given)(&flags) => Origin::Flag,
            () if (setting.given)(&variables.layer) => Origin::Variable,
            () if (setting.given)(&file_layer) => Origin::File,
            () => Origin::Default,
        })
        .collect();
    let layer = flags.over(variables.layer).over(file_layer);
    let settings = complete(layer, variables.credentials_directory, &directory)?;
    Ok(Loaded {
        settings,
        file,
        origins,
    })
}

fn read_named(path: &Path) -> Result<(Option<PathBuf>, Layer), SettingsError> {
    let text = short_file::read_text(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let layer = toml::from_str(&text).map_err(|reason| SettingsError::File {
        path: path.to_owned(),
        reason,
    })?;
    Ok((Some(path.to_owned()), layer))
}

fn read_default(path: &Path) -> Result<(Option<PathBuf>, Layer), SettingsError> {
    match read_named(path) {
        Err(SettingsError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok((None, Layer::default()))
        }
        other => other,
    }
}

/// Fills in defaults, and rejects combinations that cannot work.
fn complete(
    layer: Layer,
    credentials_directory: Option<PathBuf>,
    directory: &Path,
) -> Result<Settings, SettingsError> {
    let paths = [
        ("data_dir", &layer.data_dir),
        ("keyring", &layer.keyring),
        ("https.certificate", &layer.https.certificate),
        ("https.key", &layer.https.key),
        ("kms.vault.ca_file", &layer.kms.vault.ca_file),
        ("kms.vault.token_file", &layer.kms.vault.token_file),
        ("kms.vault.role_id_file", &layer.kms.vault.role_id_file),
        ("kms.vault.secret_id_file", &layer.kms.vault.secret_id_file),
        ("kms.aws.ca_file", &layer.kms.aws.ca_file),
        ("kms.aws.credentials_file", &layer.kms.aws.credentials_file),
        ("audit.directory", &layer.audit.directory),
    ];
    for (name, path) in paths {
        if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err(SettingsError::EmptyPath(name));
        }
    }
    let data_dir = absolute(
        directory,
        layer
            .data_dir
            .as_deref()
            .unwrap_or_else(|| Path::new("strongroom-data")),
    );
    let keyring = layer.keyring.map_or_else(
        || data_dir.join("keyring.toml"),
        |path| absolute(directory, &path),
    );
    let audit = Audit {
        enabled: layer.audit.enabled.unwrap_or(true),
        directory: layer
            .audit
            .directory
            .map_or_else(|| data_dir.join("audit"), |path| absolute(directory, &path)),
        rotate_mib: layer.audit.rotate_mib.unwrap_or(RotateMib::DEFAULT),
        keep: layer.audit.keep.unwrap_or(AuditKeep::All),
    };
    let certificate = match (layer.https.certificate, layer.https.key) {
        (Some(certificate), Some(key)) => Some(CertificateFiles {
            certificate: absolute(directory, &certificate),
            key: absolute(directory, &key),
        }),
        (None, None) => None,
        _ => return Err(SettingsError::HalfCertificate),
    };
    let secure = layer
        .https
        .listen
        .unwrap_or(Listen::On(([0, 0, 0, 0], 9443).into()));
    let plain = layer
        .http
        .listen
        .unwrap_or(Listen::On(([127, 0, 0, 1], 9000).into()));
    match (secure, plain) {
        (Listen::Off, Listen::Off) => return Err(SettingsError::NoListener),
        // Port 0 picks a free port each time, so it never collides.
        (Listen::On(https), Listen::On(http)) if https == http && https.port() != 0 => {
            return Err(SettingsError::SameAddress(https));
        }
        _ => {}
    }
    let kms = layer.kms.complete(directory)?;
    Ok(Settings {
        data_dir,
        root: layer.root.complete(directory, &keyring, &kms)?,
        credentials_directory,
        keyring,
        region: layer.region.unwrap_or_else(Region::built_in),
        hosts: layer.hosts.unwrap_or_default(),
        https: Https {
            listen: secure,
            certificate,
        },
        http: Http { listen: plain },
        sse_c: SseC {
            head_without_key: layer.sse_c.head_without_key.unwrap_or(HeadWithoutKey::NotFound),
            cleartext: layer.sse_c.cleartext.unwrap_or(Cleartext::Loopback),
        },
        memory: Memory {
            core_dumps: layer.memory.core_dumps.unwrap_or(false),
            lock: layer.memory.lock.unwrap_or(MemoryLock::Auto),
        },
        kms,
        audit,
        trusted_proxies: layer.trusted_proxies.unwrap_or_default(),
        log: layer.log.unwrap_or(LogLevel::Info),
        log_format: layer.log_format.unwrap_or(LogFormat::Text),
        shutdown_grace: layer.shutdown_grace.unwrap_or(ShutdownGrace::DEFAULT).duration(),
        lifecycle_day: layer.lifecycle_day.unwrap_or(LifecycleDay::DEFAULT).duration(),
    })
}

/// Returns `path` as seen from `directory`, without `.` components. Does not access the file system, so the path need
/// not exist.
pub(super) fn absolute(directory: &Path, path: &Path) -> PathBuf {
    directory.join(path).components().collect()
}
