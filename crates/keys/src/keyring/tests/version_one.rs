//! Tests of keyrings of version 1, which contain the keys in clear.

use super::*;
use base64::prelude::BASE64_STANDARD;

const OLD: [u8; 32] = [1; 32];
const CURRENT: [u8; 32] = [2; 32];

fn file() -> String {
    format!(
        "# Strongroom's master keys.\nversion = 1\ncurrent = \"m-2222222222222222\"\n\n\
         [[master]]\nid = \"m-1111111111111111\"\nkey = \"{}\"\n\n\
         [[master]]\nid = \"m-2222222222222222\"\nkey = \"{}\"\n",
        BASE64_STANDARD.encode(OLD),
        BASE64_STANDARD.encode(CURRENT)
    )
}

/// Returns an envelope under a key of version 1, as an existing store contains.
fn wrapped_of_old(place: &Setting, key: [u8; 32], id: &str) -> (Envelope, DataKey) {
    let inner = DataKey::generate(&place.random).unwrap();
    let outer = OuterKey::from_bytes(&key);
    let envelope = Envelope::wrap(&outer, id, &inner, Mode::Store, Place::STORE, &place.random);
    (envelope.unwrap(), inner)
}

fn source(place: &Setting) -> RootSource {
    RootSource::File(place.folder.path().join("root.key"))
}

#[tokio::test]
async fn a_file_of_version_1_is_read_and_not_changed() {
    let place = Setting::new();
    place.write(file().as_bytes());
    for keyring in [
        Keyring::read(&place.path()).unwrap(),
        Keyring::read_with(&place.path(), &source(&place)).await.unwrap(),
    ] {
        assert_eq!(keyring.current_id().unwrap(), "m-2222222222222222");
        assert!(opens(
            &keyring,
            &wrapped_of_old(&place, OLD, "m-1111111111111111")
        ));
        assert!(opens(
            &keyring,
            &wrapped_of_old(&place, CURRENT, "m-2222222222222222")
        ));
        assert_eq!(keyring.list().unwrap().root, None);
        assert!(matches!(
            keyring.roll(NOW, &place.random),
            Err(KeyringError::ReadOnly)
        ));
        assert!(matches!(keyring.reload(), Err(KeyringError::ReadOnly)));
    }
    assert_eq!(place.text(), file());
    assert!(!place.folder.path().join("root.key").exists());
}

#[tokio::test]
async fn upgrading_seals_existing_keys_and_adds_a_default_named_key() {
    let place = Setting::new();
    place.write(file().as_bytes());
    let keyring = Keyring::read(&place.path()).unwrap();
    assert!(
        keyring
            .upgrade(&source(&place), NOW, &place.random)
            .await
            .unwrap()
    );
    let text = place.text();
    assert!(text.contains("version = 2") && !text.contains(&BASE64_STANDARD.encode(CURRENT)));
    for keyring in [&keyring, &Keyring::read(&place.path()).unwrap()] {
        assert_eq!(keyring.current_id().unwrap(), "m-2222222222222222");
        assert!(opens(keyring, &wrapped_of_old(&place, OLD, "m-1111111111111111")));
        assert!(opens(
            keyring,
            &wrapped_of_old(&place, CURRENT, "m-2222222222222222")
        ));
        let list = keyring.list().unwrap();
        let states: Vec<_> = list.master.iter().map(|master| master.state).collect();
        assert_eq!(states, [MasterState::Active, MasterState::Current]);
        assert_eq!(list.kms[0].label, DEFAULT_LABEL);
    }
    assert!(
        !keyring
            .upgrade(&source(&place), NOW, &place.random)
            .await
            .unwrap()
    );
    assert_eq!(place.text(), text);
    keyring.roll(NOW, &place.random).unwrap();
}

/// Simulates a crash after the root key was created, before the keyring was encrypted under it.
#[tokio::test]
async fn upgrading_continues_with_the_root_key_left_by_a_crash() {
    let place = Setting::new();
    place.write(file().as_bytes());
    let root = [7; 32];
    private::create(&place.folder.path().join("root.key"), &root).unwrap();
    let keyring = Keyring::read(&place.path()).unwrap();
    keyring
        .upgrade(&source(&place), NOW, &place.random)
        .await
        .unwrap();
    assert_eq!(std::fs::read(place.folder.path().join("root.key")).unwrap(), root);
    Keyring::read(&place.path()).unwrap();
}

#[tokio::test]
async fn concurrent_upgrades_result_in_the_same_keyring() {
    let place = Setting::new();
    place.write(file().as_bytes());
    let (one, two) = (
        Keyring::read(&place.path()).unwrap(),
        Keyring::read(&place.path()).unwrap(),
    );
    assert!(one.upgrade(&source(&place), NOW, &place.random).await.unwrap());
    assert!(!two.upgrade(&source(&place), NOW, &place.random).await.unwrap());
    assert_eq!(one.list().unwrap(), two.list().unwrap());
}

#[test]
fn a_server_with_a_sealed_keyring_does_not_load_one_in_clear() {
    let place = Setting::new();
    let keyring = place.create();
    place.write(file().as_bytes());
    assert!(matches!(keyring.reload(), Err(KeyringError::Resealed(_))));
}

#[test]
fn broken_ones_are_refused_without_quoting_them() {
    let place = Setting::new();
    let key = BASE64_STANDARD.encode(CURRENT);
    for broken in [
        file().replace("current = \"m-", "current = \"n-"),
        file().replace(&key, &key[4..]),
        file().replace("[[master]]", "[[master]]\nextra = 1"),
        file().replace("key = ", "kex = "),
        file().replace("m-1111111111111111", "m-2222222222222222"),
        file()[..file().len() - 3].to_owned(),
    ] {
        place.write(broken.as_bytes());
        let error = place.refusal();
        assert!(matches!(error, KeyringError::Invalid { .. }), "{broken}");
        assert!(
            !format!("{error} {error:?}").contains(&key[4..20]),
            "the key stands in the error"
        );
    }
}
