use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use strongroom_keys::RootSource;
use strongroom_seal::SystemRandom;

use super::*;
use crate::settings::{self, Layer, Sources};

/// A directory of settings, with a settings file.
struct Place(tempfile::TempDir);

impl Place {
    fn new(text: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("strongroom.toml"), text).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, mode: u32) {
        fs::write(self.path(name), [7; 32]).unwrap();
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    fn check(&self) -> Checked {
        let loaded = settings::load(Sources {
            flags: Layer::default(),
            directory: self.0.path().to_owned(),
            ..Sources::default()
        });
        check(&loaded.unwrap().settings)
    }

    /// Returns the faults as text.
    fn faults(&self) -> Vec<String> {
        self.check().faults.iter().map(ToString::to_string).collect()
    }

    /// Returns the only fault.
    fn fault(&self) -> String {
        let mut faults = self.faults();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    /// Creates the keyring and root key as a first start does, with a store beside them.
    fn with_keyring(self) -> Self {
        fs::create_dir_all(self.path("strongroom-data/store")).unwrap();
        let root = RootSource::File(self.path("strongroom-data/root.key"));
        let path = self.path("strongroom-data/keyring.toml");
        let random = SystemRandom::default();
        keyring::wait_for(keyring::create(&path, &root, &random))
            .unwrap()
            .unwrap();
        self
    }
}

#[test]
fn nothing_is_there_before_the_first_start() {
    let place = Place::new("");
    let checked = place.check();
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    assert_eq!(checked.notes.len(), 1);
    assert!(checked.notes[0].contains("strongroom serve creates it"));
}

#[test]
fn a_keyring_and_its_root_key_are_opened() {
    let place = Place::new("").with_keyring();
    assert_eq!(place.faults(), [""; 0]);
    assert!(place.check().notes.is_empty());
    place.write("strongroom-data/root.key", 0o600);
    let fault = place.fault();
    assert!(
        fault.starts_with("keyring: ") && fault.contains("root key"),
        "{fault}"
    );
    place.write("strongroom-data/root.key", 0o644);
    assert!(place.faults()[0].contains("644"), "{:?}", place.faults());
    fs::remove_file(place.path("strongroom-data/root.key")).unwrap();
    let fault = place.fault();
    assert!(
        fault.starts_with("root.file: ") && fault.contains("No such file"),
        "{fault}"
    );
    fs::remove_file(place.path("strongroom-data/keyring.toml")).unwrap();
    let fault = place.fault();
    assert!(fault.contains("cannot be decrypted without it"), "{fault}");
}

#[test]
fn directories_must_be_directories() {
    let place = Place::new("data_dir = \"d\"\n[audit]\ndirectory = \"a\"\n");
    place.write("d", 0o600);
    place.write("a", 0o600);
    let faults = place.faults();
    assert!(
        faults[0].starts_with("data_dir: ") && faults[0].ends_with("/d is not a directory"),
        "{faults:?}"
    );
    assert!(faults[1].starts_with("audit.directory: "), "{faults:?}");
}

#[test]
fn files_of_services_and_tokens_must_exist() {
    let place = Place::new(
        r#"
        [root]
        source = "pkcs11"
        pkcs11_module = "module"
        pkcs11_key = "root"
        pkcs11_pin_file = "pin"
        [kms]
        backend = "vault"
        [kms.vault]
        address = "https://vault.example.com"
        ca_file = "ca"
        role_id_file = "role"
        secret_id_file = "secret"
        "#,
    );
    let settings = |faults: Vec<String>| -> Vec<String> {
        let setting = |fault: String| fault.split_once(": ").map(|(setting, _)| setting.to_owned());
        faults.into_iter().filter_map(setting).collect()
    };
    assert_eq!(
        settings(place.faults()),
        [
            "root.pkcs11_module",
            "root.pkcs11_pin_file",
            "kms.vault.ca_file",
            "kms.vault.role_id_file",
            "kms.vault.secret_id_file"
        ]
    );
    for name in ["module", "pin", "ca", "role", "secret"] {
        place.write(name, 0o600);
    }
    assert_eq!(place.faults(), [""; 0]);

    let aws = "[kms]\nbackend = \"aws\"\n[kms.aws]\nregion = \"eu-central-1\"\ncredentials_file = \"c\"\n";
    assert_eq!(settings(Place::new(aws).faults()), ["kms.aws.credentials_file"]);
    let words = "[root]\nsource = \"passphrase\"\npassphrase_file = \"words\"\n";
    assert_eq!(settings(Place::new(words).faults()), ["root.passphrase_file"]);
}

#[test]
fn what_cannot_be_checked_is_said() {
    let place = Place::new("[root]\nsource = \"credential\"\ncredential = \"r\"\n");
    let notes = place.check().notes;
    assert!(notes[0].contains("credential r of root.credential"), "{notes:?}");
    let place = Place::new("[root]\nsource = \"passphrase\"\n").with_keyring();
    let notes = place.check().notes;
    assert!(notes[0].contains("Not checked: that the root key"), "{notes:?}");
}
