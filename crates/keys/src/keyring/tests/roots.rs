//! Tests of root key sources, and of moving a keyring from one to another.

use super::*;
use crate::keyring::built_in_kms::BuiltInKms;
use crate::{KmsRoot, Passphrase, PassphraseError, Token, TokenSettings};
use std::sync::Arc;

const WORDS: &str = "correct horse battery";

fn passphrase(text: &str) -> RootSource {
    RootSource::Passphrase(Passphrase::new(text.to_owned().into()).unwrap())
}

fn key_file(place: &Setting, name: &str, byte: u8) -> PathBuf {
    let path = place.folder.path().join(name);
    private::create(&path, &[byte; 32]).unwrap();
    path
}

fn why(outcome: Result<Keyring, KeyringError>) -> RootError {
    match outcome.err().unwrap() {
        KeyringError::Root { source, .. } => source,
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_root_key_is_reported_with_advice() {
    let place = Setting::new();
    place.create();
    let root = place.folder.path().join("root.key");
    let away = place.folder.path().join("away.key");
    std::fs::rename(&root, &away).unwrap();
    let error = place.refusal().to_string();
    assert!(
        error.contains("root.key") && error.contains("import-backup"),
        "{error}"
    );
    assert!(!root.exists(), "a new root key was made for an old keyring");

    std::fs::write(&root, [1; 31]).unwrap();
    std::fs::set_permissions(&root, Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(why(Keyring::read(&place.path())), RootError::Length(_)));
    std::fs::copy(&away, &root).unwrap();
    std::fs::set_permissions(&root, Permissions::from_mode(0o644)).unwrap();
    let error = place.refusal().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    std::fs::set_permissions(&root, Permissions::from_mode(0o600)).unwrap();
    Keyring::read(&place.path()).unwrap();
}

#[test]
fn another_root_key_is_reported_with_its_fingerprint() {
    let place = Setting::new();
    let keyring = place.create();
    let sealed_by = keyring.list().unwrap().root.unwrap().fingerprint;
    std::fs::write(place.folder.path().join("root.key"), [9; 32]).unwrap();
    let error = place.refusal().to_string();
    let given = Root::of_key(OuterKey::from_bytes(&[9; 32]))
        .unwrap()
        .record
        .fingerprint();
    assert!(
        error.contains(&sealed_by.to_string()) && error.contains(&given.to_string()),
        "{error}"
    );
}

/// A file and a credential hold the same 32 bytes.
#[tokio::test]
async fn a_credential_is_equivalent_to_a_file() {
    let place = Setting::new();
    let path = key_file(&place, "credential", 3);
    std::fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
    let credential = RootSource::Credential(path.clone());
    let made = Keyring::create_with(&place.path(), &credential, NOW, &place.random)
        .await
        .unwrap();
    assert_eq!(made.list().unwrap().master[0].created, Created::at(NOW));
    Keyring::read_with(&place.path(), &credential).await.unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    Keyring::read_with(&place.path(), &RootSource::File(path.clone()))
        .await
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(
        why(Keyring::read_with(&place.path(), &credential).await),
        RootError::Missing(_)
    ));
}

/// Only files are created; a missing credential is a mistake.
#[tokio::test]
async fn a_credential_is_never_created() {
    let place = Setting::new();
    let path = place.folder.path().join("credential");
    let credential = RootSource::Credential(path.clone());
    let outcome = Keyring::create_with(&place.path(), &credential, NOW, &place.random).await;
    assert!(matches!(why(outcome), RootError::Missing(_)));
    assert!(!path.exists() && !place.path().exists());
}

#[tokio::test]
async fn only_the_passphrase_that_sealed_opens() {
    let place = Setting::new();
    let short = Keyring::create_with(&place.path(), &passphrase("short"), NOW, &place.random).await;
    assert!(matches!(
        why(short),
        RootError::Passphrase(PassphraseError::Short)
    ));
    assert!(!place.path().exists());

    let right = passphrase(WORDS);
    let made = Keyring::create_with(&place.path(), &right, NOW, &place.random)
        .await
        .unwrap();
    let wrapped = place.wrapped(&made);
    let read = Keyring::read_with(&place.path(), &right).await.unwrap();
    assert!(opens(&read, &wrapped));
    assert!(!place.text().contains(WORDS));
    let wrong = Keyring::read_with(&place.path(), &passphrase("correct horse batterz")).await;
    let error = why(wrong);
    assert!(matches!(error, RootError::OtherPassphrase(_)), "{error}");
    assert!(!place.folder.path().join("root.key").exists());
    // Changes do not request the passphrase again.
    read.roll(NOW, &place.random).unwrap();
    assert!(matches!(
        why(Keyring::read(&place.path())),
        RootError::OtherKind { .. }
    ));
}

/// The named keys of one keyring serve as the service that wraps the root key of another.
#[tokio::test]
async fn a_key_management_service_wraps_the_root_key() {
    let (service, place) = (Setting::new(), Setting::new());
    let keys = Arc::new(service.create());
    let kms = Arc::new(BuiltInKms::new(
        Arc::clone(&keys),
        Arc::new(SystemRandom::default()),
    ));
    let root = |kind| {
        let wrapper = KmsRoot::new(
            Arc::clone(&kms) as Arc<dyn crate::kms::Kms>,
            "alias/default".to_owned(),
            kind,
        );
        RootSource::Wrapped(Arc::new(wrapper))
    };
    let made = Keyring::create_with(&place.path(), &root(RootKind::Kms), NOW, &place.random)
        .await
        .unwrap();
    let wrapped = place.wrapped(&made);
    let id = keys.list().unwrap().kms[0].id.clone();
    assert!(
        place.text().contains(&id),
        "the key is not named by what never changes"
    );
    keys.rename("default", "other", &service.random).unwrap();
    let read = Keyring::read_with(&place.path(), &root(RootKind::Kms))
        .await
        .unwrap();
    assert!(opens(&read, &wrapped));
    assert!(matches!(
        why(Keyring::read_with(&place.path(), &root(RootKind::Pkcs11)).await),
        RootError::OtherKind { .. }
    ));
    keys.retire("other", &service.random).unwrap();
    let error = why(Keyring::read_with(&place.path(), &root(RootKind::Kms)).await);
    assert!(
        matches!(error, RootError::Kms(crate::kms::KmsError::Disabled(_))),
        "{error}"
    );
}

#[tokio::test]
async fn a_keyring_moves_from_root_key_to_root_key() {
    let place = Setting::new();
    let keyring = place.create();
    let serving = Keyring::read(&place.path()).unwrap();
    let wrapped = place.wrapped(&keyring);
    let old = RootSource::File(place.folder.path().join("root.key"));
    let list = keyring.list().unwrap();

    let words = passphrase(WORDS);
    keyring.reseal(&words, &place.random).await.unwrap();
    assert!(matches!(
        why(Keyring::read_with(&place.path(), &old).await),
        RootError::OtherKind { .. }
    ));
    let read = Keyring::read_with(&place.path(), &words).await.unwrap();
    assert!(opens(&read, &wrapped));
    let listed = read.list().unwrap();
    assert_eq!((&listed.master, &listed.kms), (&list.master, &list.kms));
    // A running server keeps its keys.
    let error = serving.reload().unwrap_err();
    assert!(matches!(error, KeyringError::Resealed(_)));
    assert!(error.to_string().contains("restart the server"), "{error}");
    assert!(opens(&serving, &wrapped));

    let other = RootSource::File(place.folder.path().join("new/root.key"));
    read.reseal(&other, &place.random).await.unwrap();
    let read = Keyring::read_with(&place.path(), &other).await.unwrap();
    assert!(opens(&read, &wrapped));
    assert!(matches!(
        why(Keyring::read_with(&place.path(), &old).await),
        RootError::OtherKey { .. }
    ));
    let again = read.reseal(&other, &place.random).await;
    assert!(matches!(again, Err(KeyringError::Change(ChangeError::SameRoot))));
}

/// The keyring is not at fault, and stays unchanged.
#[tokio::test]
async fn an_unavailable_new_root_key_is_reported_as_such() {
    let place = Setting::new();
    let keyring = place.create();
    let before = place.text();
    let token = Token::new(
        TokenSettings {
            module: "/nowhere/module.so".into(),
            token: None,
            key: "root".to_owned(),
            pin_file: "/nowhere/pin".into(),
        },
        Arc::new(SystemRandom::default()),
    );
    for (to, expected) in [
        (passphrase("short"), "too short"),
        // The file cannot be created, as on a full disk.
        (
            RootSource::File("/proc/root.key".into()),
            "the root key /proc/root.key cannot be used",
        ),
        (
            RootSource::Wrapped(Arc::new(token)),
            "the root key is not available: the PKCS#11 module /nowhere/module.so cannot be used",
        ),
    ] {
        let error = keyring.reseal(&to, &place.random).await.unwrap_err();
        assert!(matches!(error, KeyringError::NewRoot { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with("the new root key is not available") && text.contains(expected),
            "{text}"
        );
        assert!(!text.contains("service"), "{text}");
        assert_eq!(place.text(), before);
    }
    Keyring::read(&place.path()).unwrap();
}

#[test]
fn keyrings_in_one_folder_share_its_root_key() {
    let place = Setting::new();
    let (one, two) = (place.folder.path().join("one"), place.folder.path().join("two"));
    Keyring::create(&one, &place.random).unwrap();
    let root = std::fs::read(place.folder.path().join("root.key")).unwrap();
    Keyring::create(&two, &place.random).unwrap();
    assert_eq!(std::fs::read(place.folder.path().join("root.key")).unwrap(), root);
    Keyring::read(&one).unwrap();
    Keyring::read(&two).unwrap();
}
