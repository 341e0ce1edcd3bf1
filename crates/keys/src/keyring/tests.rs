use super::*;
use crate::{Created, private};
use base64::Engine as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use strongroom_seal::{DataKey, SystemRandom};
use time::OffsetDateTime;

mod changing;
mod roots;
mod tampering;
mod version_one;

/// 2026-02-03 04:05:06 UTC.
const NOW: OffsetDateTime = time::macros::datetime!(2026-02-03 04:05:06 UTC);

struct Setting {
    folder: tempfile::TempDir,
    random: SystemRandom,
}

impl Setting {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            random: SystemRandom::default(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keyring.toml")
    }

    fn create(&self) -> Keyring {
        Keyring::create(&self.path(), &self.random).unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    fn write(&self, text: &[u8]) {
        std::fs::write(self.path(), text).unwrap();
        std::fs::set_permissions(self.path(), Permissions::from_mode(0o600)).unwrap();
    }

    fn refusal(&self) -> KeyringError {
        Keyring::read(&self.path()).err().unwrap()
    }

    /// Returns an envelope of a new key under the current master key, and that key.
    fn wrapped(&self, keyring: &Keyring) -> (Envelope, DataKey) {
        let inner = DataKey::generate(&self.random).unwrap();
        let envelope = keyring.wrap(&inner, Mode::Bucket, Place::STORE, &self.random);
        (envelope.unwrap(), inner)
    }
}

fn opens(keyring: &Keyring, (envelope, inner): &(Envelope, DataKey)) -> bool {
    keyring
        .open::<DataKey>(envelope, Place::STORE)
        .is_ok_and(|opened| opened.expose() == inner.expose())
}

#[test]
fn a_reread_keyring_opens_existing_envelopes() {
    let place = Setting::new();
    let path = place.folder.path().join("sub/keyring.toml");
    let made = Keyring::create(&path, &place.random).unwrap();
    let wrapped = place.wrapped(&made);
    let read = Keyring::read(&path).unwrap();
    assert!(opens(&read, &wrapped));
    assert_eq!(read.list().unwrap(), made.list().unwrap());
    for file in [path.clone(), path.with_file_name("root.key")] {
        let permissions = std::fs::metadata(&file).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn a_new_keyring_has_a_current_master_key_and_a_default_named_key() {
    let place = Setting::new();
    let keyring = place.create();
    let list = keyring.list().unwrap();
    assert_eq!(list.master.len(), 1);
    assert_eq!(list.master[0].state, MasterState::Current);
    assert_eq!(list.master[0].id, keyring.current_id().unwrap());
    assert_eq!(list.kms.len(), 1);
    assert_eq!(list.kms[0].label, DEFAULT_LABEL);
    assert_eq!(list.kms[0].versions.len(), 1);
    assert_eq!(list.root.unwrap().kind, RootKind::Key);
}

#[test]
fn no_key_is_in_the_file_in_clear() {
    let place = Setting::new();
    let keyring = place.create();
    let text = place.text();
    let snapshot = keyring.snapshot();
    let root = &snapshot.root.as_ref().unwrap().key;
    let named = &snapshot.content.named[0].versions[0].key;
    for key in [
        root.expose(),
        snapshot.content.masters[0].key.expose(),
        named.expose(),
    ] {
        assert!(!text.contains(&hex::encode(key)));
        assert!(
            !text.contains(&hex::encode(&key[..8])),
            "a fingerprint is the key's beginning"
        );
        assert!(!text.contains(base64::prelude::BASE64_STANDARD.encode(key).trim_end_matches('=')));
    }
}

#[test]
fn another_keyring_is_reported_as_such() {
    let (one, two) = (Setting::new(), Setting::new());
    let (envelope, _) = one.wrapped(&one.create());
    assert!(matches!(
        two.create().open::<DataKey>(&envelope, Place::STORE),
        Err(KeyringError::UnknownMaster(_))
    ));
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let place = Setting::new();
    place.create();
    let before = place.text();
    let again = Keyring::create(&place.path(), &place.random);
    assert!(matches!(again, Err(KeyringError::Io { .. })));
    assert_eq!(place.text(), before);
}

#[test]
fn leftovers_of_a_crash_are_replaced() {
    let place = Setting::new();
    for name in ["keyring.toml.new", "root.key.new"] {
        std::fs::write(place.folder.path().join(name), "half a key").unwrap();
    }
    place.create();
    Keyring::read(&place.path()).unwrap();
    let mut left: Vec<_> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["keyring.toml", "keyring.toml.lock", "root.key"]);
}

#[test]
fn a_keyring_readable_by_others_is_refused() {
    let place = Setting::new();
    place.create();
    std::fs::set_permissions(place.path(), Permissions::from_mode(0o640)).unwrap();
    let error = place.refusal();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn an_invalid_keyring_is_refused() {
    let place = Setting::new();
    assert!(matches!(place.refusal(), KeyringError::Missing(_)));
    place.create();
    let good = place.text();
    for broken in [
        String::new(),
        "version = 2".to_owned(),
        good.replace("version = 2", "version = 3"),
        good.replace("version = 2", "version = \"2\""),
        good[..good.len() - 3].to_owned(),
        good.replace("[check]", "[cheque]"),
    ] {
        place.write(broken.as_bytes());
        assert!(
            matches!(place.refusal(), KeyringError::Invalid { .. }),
            "{broken}"
        );
    }
    place.write(b"\xff\xfe");
    assert!(matches!(place.refusal(), KeyringError::Invalid { .. }));
}

#[test]
fn the_store_is_noted_in_the_authenticated_text() {
    let place = Setting::new();
    let keyring = place.create();
    assert_eq!(keyring.store(), None);
    for id in [[1; 16], [2; 16], [1; 16], [1; 16]] {
        keyring.note_store(id, &place.random).unwrap();
        assert_eq!(Keyring::read(&place.path()).unwrap().store(), Some(id));
    }
    let text = place.text();
    let noted = format!(
        "stores = [\n    \"{}\",\n    \"{}\",\n]\n",
        "02".repeat(16),
        "01".repeat(16)
    );
    let one_line = format!("stores = [\"{}\", \"{}\"]\n", "02".repeat(16), "01".repeat(16));
    assert!(text.contains(&noted) || text.contains(&one_line), "{text}");
    place.write(text.replace(&"01".repeat(16), &"03".repeat(16)).as_bytes());
    assert!(matches!(place.refusal(), KeyringError::Altered(_)));
}
