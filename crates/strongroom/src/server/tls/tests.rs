use std::os::unix::fs::PermissionsExt;
use std::time::Duration as StdDuration;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::settings::{Layer, Sources, load};

const START: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn settings(&self, hosts: &[&str]) -> Settings {
        let flags = Layer {
            hosts: Some(hosts.iter().map(|host| host.parse().unwrap()).collect()),
            ..Layer::default()
        };
        load(Sources {
            flags,
            directory: self.0.path().to_owned(),
            ..Sources::default()
        })
        .unwrap()
        .settings
    }

    fn load(&self, hosts: &[&str], now: OffsetDateTime) -> Result<Certificates, TlsError> {
        Certificates::load(&self.settings(hosts), now)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join("strongroom-data/tls").join(name)
    }

    /// Returns whether a client that trusts `ca.pem` accepts the certificate for `name`.
    fn trusts(&self, certificates: &Certificates, name: &str, now: OffsetDateTime) -> bool {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(self.file("ca.pem")).unwrap())
            .unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        let now =
            UnixTime::since_unix_epoch(StdDuration::from_secs(now.unix_timestamp().try_into().unwrap()));
        let shown = certificates.current();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier
            .verify_server_cert(&shown.cert[0], &shown.cert[1..], &name, &[], now)
            .is_ok()
    }
}

fn leaf(certificates: &Certificates) -> CertificateDer<'static> {
    certificates.current().cert[0].clone()
}

#[test]
fn the_first_start_makes_a_certificate_that_clients_trust() {
    let directory = Directory::new();
    let certificates = directory
        .load(&["s3.example.com", "192.0.2.10", "intranet"], START)
        .unwrap();
    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "s3.example.com",
        "bucket.s3.example.com",
        "192.0.2.10",
        "intranet",
    ] {
        assert!(directory.trusts(&certificates, name, START), "{name}");
    }
    for name in ["example.com", "a.b.s3.example.com", "192.0.2.11"] {
        assert!(!directory.trusts(&certificates, name, START), "{name}");
    }
    assert_eq!(ca_file(&directory.settings(&[])), Some(directory.file("ca.pem")));
    for (name, mode) in [
        ("ca.pem", 0o644),
        ("ca-key.pem", 0o600),
        ("server.pem", 0o644),
        ("server-key.pem", 0o600),
    ] {
        let permissions = std::fs::metadata(directory.file(name)).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{name}");
    }
}

#[test]
fn a_second_start_changes_nothing() {
    let directory = Directory::new();
    let first = directory.load(&["s3.example.com"], START).unwrap();
    let second = directory
        .load(&["s3.example.com"], START + Duration::days(700))
        .unwrap();
    assert_eq!(leaf(&first), leaf(&second));
}

#[test]
fn changed_hosts_get_a_new_certificate_from_the_same_ca() {
    let directory = Directory::new();
    let first = directory.load(&["old.example.com"], START).unwrap();
    let ca = std::fs::read(directory.file("ca.pem")).unwrap();
    let second = directory.load(&["new.example.com"], START).unwrap();
    assert_ne!(leaf(&first), leaf(&second));
    assert_eq!(std::fs::read(directory.file("ca.pem")).unwrap(), ca);
    assert!(directory.trusts(&second, "new.example.com", START));
    assert!(!directory.trusts(&second, "old.example.com", START));
}

#[test]
fn a_certificate_about_to_expire_is_made_anew_even_while_running() {
    let directory = Directory::new();
    let certificates = directory.load(&[], START).unwrap();
    let first = leaf(&certificates);
    assert!(!certificates.refresh(START + Duration::days(780)).unwrap());
    let late = START + Duration::days(800);
    assert!(certificates.refresh(late).unwrap());
    assert_ne!(leaf(&certificates), first);
    assert!(directory.trusts(&certificates, "localhost", late + Duration::days(800)));
}

#[test]
fn no_server_certificate_outlives_the_ca() {
    let directory = Directory::new();
    directory.load(&[], START).unwrap();
    let last_days = START + Duration::days(3640);
    let certificates = directory.load(&[], last_days).unwrap();
    assert!(directory.trusts(&certificates, "localhost", last_days));
    assert!(
        !certificates.refresh(last_days + Duration::days(1)).unwrap(),
        "it cannot be bettered"
    );
    let error = directory.load(&[], START + Duration::days(3651)).unwrap_err();
    assert!(matches!(error, TlsError::CaExpired { .. }));
    assert!(error.to_string().contains("give its ca.pem to every client"));
}

#[test]
fn a_damaged_server_certificate_is_made_anew() {
    let directory = Directory::new();
    directory.load(&[], START).unwrap();
    std::fs::write(directory.file("server.pem"), "not a certificate").unwrap();
    let certificates = directory.load(&[], START).unwrap();
    assert!(directory.trusts(&certificates, "localhost", START));
    std::fs::remove_file(directory.file("server-key.pem")).unwrap();
    let certificates = directory.load(&[], START).unwrap();
    assert!(directory.trusts(&certificates, "localhost", START));
}

#[test]
fn a_lost_ca_certificate_is_made_again_from_its_key() {
    let directory = Directory::new();
    let certificates = directory.load(&[], START).unwrap();
    std::fs::remove_file(directory.file("ca.pem")).unwrap();
    directory.load(&[], START + Duration::days(1)).unwrap();
    assert!(
        directory.trusts(&certificates, "localhost", START + Duration::days(1)),
        "it is the same CA"
    );
}

#[test]
fn a_ca_key_kept_elsewhere_is_asked_for_only_when_needed() {
    let directory = Directory::new();
    let first = directory.load(&[], START).unwrap();
    std::fs::remove_file(directory.file("ca-key.pem")).unwrap();
    assert_eq!(leaf(&directory.load(&[], START).unwrap()), leaf(&first));
    let error = directory
        .load(&["new.example.com"], START)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the hosts have changed") && error.contains("ca-key.pem"),
        "{error}"
    );
}

#[test]
fn a_new_ca_makes_the_old_server_certificate_unfit() {
    let (directory, other) = (Directory::new(), Directory::new());
    directory.load(&[], START).unwrap();
    other.load(&[], START).unwrap();
    std::fs::copy(other.file("ca.pem"), directory.file("ca.pem")).unwrap();
    assert!(matches!(
        directory.load(&[], START).unwrap_err(),
        TlsError::ForeignCaKey { .. }
    ));
    std::fs::copy(other.file("ca-key.pem"), directory.file("ca-key.pem")).unwrap();
    let certificates = directory.load(&[], START).unwrap();
    assert!(other.trusts(&certificates, "localhost", START));
}

#[test]
fn the_operators_own_certificate_is_used_and_read_again() {
    let maker = Directory::new();
    maker.load(&["own.example.com"], START).unwrap();
    let directory = Directory::new();
    let mut settings = directory.settings(&[]);
    settings.https.certificate = Some(CertificateFiles {
        certificate: maker.file("server.pem"),
        key: maker.file("server-key.pem"),
    });
    check(&settings).unwrap();
    let certificates = Certificates::load(&settings, START).unwrap();
    assert!(maker.trusts(&certificates, "own.example.com", START));
    assert_eq!(ca_file(&settings), None);
    assert!(!directory.file("ca.pem").exists());
    assert!(!certificates.refresh(START).unwrap());
    maker.load(&["renewed.example.com"], START).unwrap();
    assert!(certificates.refresh(START).unwrap());
    assert!(maker.trusts(&certificates, "renewed.example.com", START));
}

#[test]
fn own_files_that_do_not_fit_are_refused() {
    let (maker, other) = (Directory::new(), Directory::new());
    maker.load(&[], START).unwrap();
    other.load(&[], START).unwrap();
    let mut settings = maker.settings(&[]);
    let mut refusal = |certificate: PathBuf, key: PathBuf| {
        settings.https.certificate = Some(CertificateFiles { certificate, key });
        check(&settings).unwrap_err().to_string()
    };
    assert!(refusal(maker.file("server.pem"), other.file("server-key.pem")).contains("does not match"));
    assert!(refusal(maker.file("none.pem"), maker.file("server-key.pem")).contains("cannot read"));
    assert!(
        refusal(maker.file("server-key.pem"), maker.file("server-key.pem")).contains("no PEM certificate")
    );
    assert!(refusal(maker.file("server.pem"), maker.file("server.pem")).contains("no PEM private key"));
}
