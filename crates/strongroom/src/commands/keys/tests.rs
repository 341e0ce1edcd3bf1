use std::path::Path;

use strongroom_keys::{Keyring, Listing};

use super::*;
use crate::settings::{Root, RootLayer};

struct Store {
    folder: tempfile::TempDir,
    keyring: Keyring,
    random: SystemRandom,
}

impl Store {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::default();
        let keyring = Keyring::create(&folder.path().join("keyring.toml"), &random).unwrap();
        Self {
            folder,
            keyring,
            random,
        }
    }

    fn list(&self) -> Listing {
        self.keyring.list().unwrap()
    }
}

#[test]
fn the_table_shows_every_key_with_what_tells_it_apart() {
    let store = Store::new();
    let (keyring, random) = (&store.keyring, &store.random);
    keyring.roll(crate::clock::system(), random).unwrap();
    keyring
        .add_named("payroll", crate::clock::system(), random)
        .unwrap();
    keyring
        .roll_named("payroll", crate::clock::system(), random)
        .unwrap();
    keyring.retire("payroll", random).unwrap();
    let list = store.list();
    let page = list::page(Path::new("/k"), &list);
    for key in &list.master {
        let row = page.lines().find(|line| line.starts_with(&key.id)).unwrap();
        for part in [
            key.state.to_string(),
            key.fingerprint.to_string(),
            key.created.to_string(),
        ] {
            assert!(row.contains(&part), "{row}");
        }
    }
    let payroll = page
        .lines()
        .position(|line| line.contains("payroll  disabled  1 "))
        .unwrap();
    let second = page.lines().nth(payroll + 1).unwrap();
    let expected = list.kms[1].versions[1].fingerprint.to_string();
    assert!(
        second.trim_start().starts_with('2') && second.contains(&expected),
        "{page}"
    );
    assert!(page.contains(&list.root.unwrap().fingerprint.to_string()));
    assert!(page.lines().all(|line| line.len() <= 110), "{page}");
}

#[test]
fn a_new_key_gets_the_first_label_that_is_free() {
    let store = Store::new();
    let add = |label: &str| {
        store
            .keyring
            .add_named(label, crate::clock::system(), &store.random)
            .unwrap()
    };
    assert_eq!(label::free_label(&store.list()), "key-1");
    add("key-1");
    add("key-3");
    assert_eq!(label::free_label(&store.list()), "key-2");
    add("key-2");
    assert_eq!(label::free_label(&store.list()), "key-4");
}

/// The settings printed for copying select the same root key.
#[test]
fn the_lines_for_the_settings_say_what_was_asked_for() {
    #[derive(serde::Deserialize)]
    struct File {
        root: RootLayer,
    }
    let keyring = Path::new("/data/keyring.toml");
    let kms = crate::settings::KmsSettings {
        service: crate::settings::KmsSource::Off,
        default_key: None,
        lifetimes: strongroom_keys::kms::Lifetimes::default(),
    };
    let complete = |layer: RootLayer| layer.complete(Path::new("/here"), keyring, &kms).unwrap();
    let layer = |text: &str| toml::from_str::<RootLayer>(text).unwrap();
    for text in [
        "source = \"file\"",
        "source = \"file\"\nfile = '/a \"b\" c'",
        "source = \"credential\"",
        "source = \"credential\"\ncredential = \"x\"",
        "source = \"passphrase\"",
        "source = \"passphrase\"\npassphrase_file = \"words\"",
        "source = \"passphrase\"\npassphrase_credential = \"words\"",
    ] {
        let root: Root = complete(layer(text));
        let lines = reseal::setting_lines(&root);
        let read: File = toml::from_str(&lines).unwrap();
        assert_eq!(complete(read.root), root, "{lines}");
    }
}

#[test]
fn a_backup_is_neither_overwritten_nor_asked_for_in_vain() {
    let store = Store::new();
    let file = store.folder.path().join("backup");
    std::fs::write(&file, "something").unwrap();
    let settings = crate::settings::load(crate::settings::Sources {
        directory: store.folder.path().to_owned(),
        ..Default::default()
    });
    let mut settings = settings.unwrap().settings;
    settings.keyring = store.keyring.path().to_owned();
    let nowhere = PassphraseFrom::File("/nowhere".into());
    let mut output = Vec::new();
    let refused = backup::export(&settings, &file, &nowhere, &store.random, &mut output).unwrap_err();
    assert!(refused.to_string().contains("never overwritten"), "{refused}");
    let refused = backup::import(&settings, &file, &nowhere, &store.random, &mut output).unwrap_err();
    assert!(refused.to_string().contains("there is a keyring"), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "something");
    assert!(output.is_empty());
}
