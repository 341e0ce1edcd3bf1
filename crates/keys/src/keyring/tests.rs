use super::*;
use strongroom_seal::{DataKey, SystemRandom};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_keyring_read_again_opens_what_it_wrapped() {
    let folder = folder();
    let path = folder.path().join("sub/keyring.toml");
    let random = SystemRandom::default();
    let inner = DataKey::generate(&random).unwrap();
    let made = Keyring::create(&path, &random).unwrap();
    let envelope = made.wrap(&inner, Mode::Bucket, Place::STORE, &random).unwrap();

    let read = Keyring::read(&path).unwrap();
    let opened: DataKey = read.open(&envelope, Place::STORE).unwrap();
    assert_eq!(opened.expose(), inner.expose());
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn another_keyring_says_that_it_is_another_one() {
    let folder = folder();
    let random = SystemRandom::default();
    let one = Keyring::create(&folder.path().join("one"), &random).unwrap();
    let two = Keyring::create(&folder.path().join("two"), &random).unwrap();
    let envelope = one
        .wrap(
            &DataKey::generate(&random).unwrap(),
            Mode::Bucket,
            Place::STORE,
            &random,
        )
        .unwrap();
    assert!(matches!(
        two.open::<DataKey>(&envelope, Place::STORE),
        Err(KeyringError::UnknownMaster(_))
    ));
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let folder = folder();
    let path = folder.path().join("keyring.toml");
    Keyring::create(&path, &SystemRandom::default()).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        Keyring::create(&path, &SystemRandom::default()),
        Err(KeyringError::Io { .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_a_crash_left_of_a_keyring_is_replaced() {
    let folder = folder();
    let path = folder.path().join("keyring.toml");
    std::fs::write(folder.path().join("keyring.toml.new"), "half a key").unwrap();
    Keyring::create(&path, &SystemRandom::default()).unwrap();
    Keyring::read(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_keyring_others_can_read_is_refused() {
    let folder = folder();
    let path = folder.path().join("keyring.toml");
    Keyring::create(&path, &SystemRandom::default()).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let error = Keyring::read(&path).err().unwrap();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn broken_files_are_refused_without_quoting_them() {
    let folder = folder();
    let path = folder.path().join("keyring.toml");
    assert!(matches!(Keyring::read(&path), Err(KeyringError::Missing(_))));
    Keyring::create(&path, &SystemRandom::default()).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    let key = good
        .split("key = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    for broken in [
        String::new(),
        good.replace("version = 1", "version = 2"),
        good.replace("current = \"m-", "current = \"n-"),
        good.replace(&key, &key[4..]),
        good.replace("[[master]]", "[[master]]\nextra = 1"),
        good.replace("key = ", "kex = "),
        good[..good.len() - 3].to_owned(),
    ] {
        std::fs::write(&path, &broken).unwrap();
        let error = Keyring::read(&path).err().unwrap();
        assert!(matches!(error, KeyringError::Invalid { .. }), "{broken}");
        assert!(
            !format!("{error} {error:?}").contains(&key[4..20]),
            "the key stands in the error"
        );
    }
}
