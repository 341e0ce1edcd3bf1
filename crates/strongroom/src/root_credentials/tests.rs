use super::*;
use strongroom_seal::SystemRandom;

fn keyring(folder: &Path, name: &str) -> Keyring {
    Keyring::create(&folder.join(name), &SystemRandom::default()).unwrap()
}

#[test]
fn made_credentials_are_read_again_and_the_file_does_not_show_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    assert!(read(&path, &keyring).unwrap().is_none());
    let made = make(&path, &keyring, &SystemRandom::default()).unwrap();
    let again = read(&path, &keyring).unwrap().unwrap();
    assert_eq!(again.access_key_id, made.access_key_id);
    assert_eq!(again.secret.expose(), made.secret.expose());
    assert!(
        !std::fs::read_to_string(&path)
            .unwrap()
            .contains(made.secret.expose())
    );
}

#[test]
fn another_keyring_does_not_open_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    make(&path, &keyring(folder.path(), "one"), &SystemRandom::default()).unwrap();
    let error = read(&path, &keyring(folder.path(), "two")).err().unwrap();
    assert!(matches!(error, RootCredentialsError::Keyring { .. }), "{error}");
}

#[test]
fn a_damaged_file_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    make(&path, &keyring, &SystemRandom::default()).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    for broken in [
        String::new(),
        good.replace("secret = \"A", "secret = \"B"),
        good.replace("version = 1", "version = 2"),
    ] {
        std::fs::write(&path, broken).unwrap();
        let error = read(&path, &keyring).err().unwrap();
        assert!(error.to_string().contains("credentials reset"), "{error}");
    }
}
