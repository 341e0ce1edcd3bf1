use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Duration;

use strongroom_s3::{Cleartext, HeadWithoutKey};
use strongroom_store::HistoryLimits;

use super::audit::AuditKeep;
use super::layered::names;
use super::*;

mod variables;

pub(super) struct Directory(tempfile::TempDir);

impl Directory {
    pub(super) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn with_file(text: &str) -> Self {
        let directory = Self::empty();
        fs::write(directory.path().join("strongroom.toml"), text).unwrap();
        directory
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn load(&self, variables: &[(&str, &str)], flags: Layer) -> Result<Loaded, SettingsError> {
        load(Sources {
            flags,
            config: None,
            environment: variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            directory: self.path().to_owned(),
        })
    }

    pub(super) fn settings(&self, variables: &[(&str, &str)]) -> Settings {
        self.load(variables, Layer::default()).unwrap().settings
    }

    pub(super) fn refusal(&self, variables: &[(&str, &str)]) -> String {
        self.load(variables, Layer::default()).unwrap_err().to_string()
    }
}

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

#[test]
fn nothing_given_is_a_working_server() {
    let directory = Directory::empty();
    let settings = directory.settings(&[]);
    assert_eq!(settings.data_dir, directory.path().join("strongroom-data"));
    assert_eq!(
        settings.keyring,
        directory.path().join("strongroom-data/keyring.toml")
    );
    assert_eq!(settings.https.listen.to_string(), "0.0.0.0:9443");
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(settings.https.certificate, None);
    assert_eq!(settings.region, region("us-east-1"));
    assert_eq!(settings.sse_c.head_without_key, HeadWithoutKey::NotFound);
    assert_eq!(settings.sse_c.cleartext, Cleartext::Loopback);
    assert_eq!(settings.shutdown_grace, Duration::from_secs(30));
    assert_eq!(settings.lifecycle_day, Duration::from_hours(24));
    assert_eq!(settings.connections.max, 4096);
    assert_eq!(settings.connections.per_address, None);
    assert_eq!(settings.requests.min_rate, 1024);
    assert_eq!(settings.requests.rate_window, Duration::from_secs(30));
    assert_eq!(settings.requests.longest_read, Duration::from_hours(24));
    assert_eq!(settings.memory.buffers, None);
    assert!(!settings.memory.core_dumps);
    assert_eq!(settings.memory.lock, MemoryLock::Auto);
    assert!(settings.audit.enabled);
    assert_eq!(
        settings.audit.directory,
        directory.path().join("strongroom-data/audit")
    );
    assert_eq!(settings.audit.rotate_mib.bytes(), 64 << 20);
    assert_eq!(settings.audit.keep, AuditKeep::All);
    assert!(settings.hosts.is_empty() && settings.trusted_proxies.is_empty());
}

#[test]
fn flags_lie_over_variables_over_the_file() {
    let directory = Directory::with_file(
        "region = \"from-file\"\nlog = \"debug\"\nshutdown_grace = 5\n[http]\nlisten = \"off\"\n",
    );
    let flags = Layer {
        region: Some(region("from-flag")),
        ..Layer::default()
    };
    let loaded = directory
        .load(
            &[
                ("STRONGROOM_REGION", "from-variable"),
                ("STRONGROOM_LOG", "trace"),
            ],
            flags,
        )
        .unwrap();
    assert_eq!(loaded.settings.region, region("from-flag"));
    assert_eq!(loaded.settings.log, LogLevel::Trace);
    assert_eq!(loaded.settings.shutdown_grace, Duration::from_secs(5));
    assert_eq!(loaded.settings.http.listen, Listen::Off);
    assert_eq!(
        loaded.file.as_deref(),
        Some(directory.path().join("strongroom.toml").as_path())
    );
    let shown = report(&loaded, true);
    let line = |name: &str| {
        shown
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("region").contains("from-flag") && line("region").ends_with("(flag)"));
    assert!(line("log ").contains("trace") && line("log ").ends_with("(STRONGROOM_LOG)"));
    assert!(line("http.listen").ends_with("(file)"));
    assert!(line("sse_c.cleartext").ends_with("(default)"));
    let given = report(&loaded, false);
    let given: Vec<_> = given
        .lines()
        .filter(|line| line.ends_with(')') && !line.starts_with("Settings file"))
        .collect();
    assert_eq!(given.len(), 4, "{given:?}");
    for name in ["region", "http.listen", "log", "shutdown_grace"] {
        assert!(given.iter().any(|line| line.starts_with(name)), "{name}");
    }
}

#[test]
fn a_report_without_settings_says_so() {
    let loaded = Directory::empty().load(&[], Layer::default()).unwrap();
    let shown = report(&loaded, false);
    assert!(
        shown.ends_with("\nAll settings have their default values; --all shows them.\n"),
        "{shown}"
    );
}

#[test]
fn the_whole_file_is_understood() {
    let directory = Directory::with_file(
        r#"
        data_dir = "data"
        keyring = "/safe/keyring.toml"
        region = "eu-central-1"
        hosts = ["s3.example.com", "192.0.2.10"]
        trusted_proxies = ["10.0.0.0/8", "::1"]
        log = "warn"
        log_format = "json"
        shutdown_grace = 0

        [https]
        listen = "[::]:443"
        certificate = "tls/chain.pem"
        key = "tls/key.pem"

        [http]
        listen = "off"

        [root]
        source = "passphrase"
        passphrase_file = "words"

        [sse_c]
        head_without_key = 400
        cleartext = "never"

        [memory]
        core_dumps = true
        lock = "required"
        [audit]
        enabled = false
        directory = "trail"
        rotate_mib = 1
        keep = 10
        "#,
    );
    let settings = directory.settings(&[]);
    assert_eq!(settings.data_dir, directory.path().join("data"));
    assert_eq!(settings.keyring, Path::new("/safe/keyring.toml"));
    assert_eq!(
        settings.root,
        Root::Passphrase(PassphraseFrom::File(directory.path().join("words")))
    );
    assert_eq!(
        settings.https.certificate.unwrap().key,
        directory.path().join("tls/key.pem")
    );
    assert_eq!(settings.sse_c.head_without_key, HeadWithoutKey::BadRequest);
    assert!(settings.memory.core_dumps);
    assert_eq!(settings.memory.lock, MemoryLock::Required);
    assert!(settings.trusted_proxies[0].contains([10, 1, 2, 3].into()));
    assert_eq!(settings.audit.directory, directory.path().join("trail"));
    assert_eq!(settings.audit.keep.files(), Some(10));
    assert!(!settings.audit.enabled);
}

#[test]
fn an_empty_list_is_none_at_all() {
    let directory = Directory::with_file("hosts = [\"a.example\"]");
    assert!(directory.settings(&[("STRONGROOM_HOSTS", "")]).hosts.is_empty());
}

#[test]
fn unknown_keys_are_refused() {
    assert!(
        Directory::with_file("regoin = \"x\"")
            .refusal(&[])
            .contains("regoin")
    );
    assert!(
        Directory::with_file("[https]\nport = 1")
            .refusal(&[])
            .contains("port")
    );
    let refusal = Directory::empty().refusal(&[("STRONGROOM_REGOIN", "x")]);
    assert!(refusal.contains("did you mean STRONGROOM_REGION?"), "{refusal}");
    let refusal = Directory::empty().refusal(&[("STRONGROOM_COMPLETELY_ELSE", "x")]);
    assert!(
        refusal.contains("STRONGROOM_COMPLETELY_ELSE") && refusal.contains("check-config"),
        "{refusal}"
    );
}

#[test]
fn a_wrong_value_in_the_file_shows_its_line() {
    let refusal = Directory::with_file("region = \"x\"\n[https]\nlisten = \"here\"\n").refusal(&[]);
    assert!(
        refusal.contains("line 3") && refusal.contains("ADDRESS:PORT"),
        "{refusal}"
    );
    let refusal = Directory::with_file("[audit]\nkeep = 0\n").refusal(&[]);
    assert!(refusal.contains("1 or more, or all"), "{refusal}");
    let word = Directory::with_file("[audit]\nkeep = \"all\"\n").settings(&[]);
    assert_eq!(word.audit.keep, AuditKeep::All);
    let refusal = Directory::with_file("[sse_c]\nhead_without_key = 403\n").refusal(&[]);
    assert!(refusal.contains("404 (like StorageGRID)"), "{refusal}");
}

#[test]
fn combinations_that_cannot_work_are_refused() {
    let directory = Directory::empty();
    let refusal = directory.refusal(&[("STRONGROOM_HTTPS_CERTIFICATE", "c.pem")]);
    assert!(refusal.contains("set both, or neither"));
    let refusal = directory.refusal(&[
        ("STRONGROOM_HTTPS_LISTEN", "off"),
        ("STRONGROOM_HTTP_LISTEN", "off"),
    ]);
    assert!(refusal.contains("are both off"));
    let same = [
        ("STRONGROOM_HTTPS_LISTEN", "127.0.0.1:9"),
        ("STRONGROOM_HTTP_LISTEN", "127.0.0.1:9"),
    ];
    assert!(directory.refusal(&same).contains("different ports"));
    let free = [
        ("STRONGROOM_HTTPS_LISTEN", "127.0.0.1:0"),
        ("STRONGROOM_HTTP_LISTEN", "127.0.0.1:0"),
    ];
    directory.settings(&free);
}

#[test]
fn a_named_file_must_exist_and_a_named_one_hides_the_default() {
    let directory = Directory::with_file("region = \"default-file\"");
    let missing = directory.refusal(&[("STRONGROOM_CONFIG", "other.toml")]);
    assert!(missing.contains("cannot read the settings file") && missing.contains("other.toml"));
    fs::write(directory.path().join("other.toml"), "region = \"other-file\"").unwrap();
    assert_eq!(
        directory.settings(&[("STRONGROOM_CONFIG", "other.toml")]).region,
        region("other-file")
    );
    fs::write(directory.path().join("flag.toml"), "region = \"flag-file\"").unwrap();
    let loaded = load(Sources {
        config: Some("flag.toml".into()),
        environment: vec![("STRONGROOM_CONFIG".into(), "other.toml".into())],
        directory: directory.path().to_owned(),
        ..Sources::default()
    });
    assert_eq!(loaded.unwrap().settings.region, region("flag-file"));
}

#[test]
fn networks_hold_addresses_however_written() {
    let network: Network = "192.0.2.0/24".parse().unwrap();
    assert!(network.contains("192.0.2.7".parse().unwrap()));
    assert!(network.contains("::ffff:192.0.2.7".parse().unwrap()));
    assert!(!network.contains("192.0.3.7".parse().unwrap()));
    let single: Network = "2001:db8::1".parse().unwrap();
    assert!(
        single.contains("2001:db8::1".parse().unwrap()) && !single.contains("2001:db8::2".parse().unwrap())
    );
}
