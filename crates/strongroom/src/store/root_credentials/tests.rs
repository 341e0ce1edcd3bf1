use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use super::*;
use strongroom_audit::IdentityChange;
use strongroom_seal::SystemRandom;
use time::OffsetDateTime;

/// Records events, or refuses them all.
#[derive(Default)]
struct Heard(Mutex<Vec<(KeyUse, Option<Mode>, String)>>, bool);

impl Audit for Heard {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        if self.1 { Err(AuditUnavailable) } else { Ok(()) }
    }

    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        let noted = (event.what, event.mode, event.key_id.to_owned());
        self.0.lock().unwrap().push(noted);
        Ok(())
    }

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}

fn keyring(folder: &Path, name: &str) -> Keyring {
    Keyring::create(&folder.join(name), &SystemRandom::default()).unwrap()
}

#[test]
fn made_credentials_are_read_again_and_the_file_does_not_show_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    assert!(read(&path, &keyring, &AuditContext::NONE).unwrap().is_none());
    let created = create(&path, &keyring, &SystemRandom::default(), &AuditContext::NONE).unwrap();
    let again = read(&path, &keyring, &AuditContext::NONE).unwrap().unwrap();
    assert_eq!(again.access_key_id, created.access_key_id);
    assert_eq!(again.secret.expose(), created.secret.expose());
    assert!(
        !std::fs::read_to_string(&path)
            .unwrap()
            .contains(created.secret.expose())
    );
}

#[test]
fn another_keyring_does_not_open_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    create(
        &path,
        &keyring(folder.path(), "one"),
        &SystemRandom::default(),
        &AuditContext::NONE,
    )
    .unwrap();
    let error = read(&path, &keyring(folder.path(), "two"), &AuditContext::NONE)
        .err()
        .unwrap();
    assert!(matches!(error, RootCredentialsError::Keyring { .. }), "{error}");
}

#[test]
fn a_damaged_file_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    create(&path, &keyring, &SystemRandom::default(), &AuditContext::NONE).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    for broken in [
        String::new(),
        good.replace("secret = \"A", "secret = \"B"),
        good.replace("version = 1", "version = 2"),
    ] {
        std::fs::write(&path, broken).unwrap();
        let error = read(&path, &keyring, &AuditContext::NONE).err().unwrap();
        assert!(error.to_string().contains("credentials reset"), "{error}");
    }
}

#[test]
fn under_another_master_key_they_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    let random = SystemRandom::default();
    let heard = Heard::default();
    let context = AuditContext {
        audit: &heard,
        actor: None,
    };
    assert_eq!(master(&path).unwrap(), None);
    assert_eq!(rewrap(&path, &keyring, &random, &context).unwrap(), None);
    let created = create(&path, &keyring, &random, &context).unwrap();
    assert_eq!(rewrap(&path, &keyring, &random, &context).unwrap(), Some(false));
    let old = keyring.current_id().unwrap();
    let new = keyring.roll(OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    assert_eq!(rewrap(&path, &keyring, &random, &context).unwrap(), Some(true));
    assert_eq!(master(&path).unwrap().as_ref(), Some(&new));
    let text = std::fs::read(&path).unwrap();
    assert_eq!(rewrap(&path, &keyring, &random, &context).unwrap(), Some(false));
    assert_eq!(std::fs::read(&path).unwrap(), text);
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = read(&path, &keyring, &context).unwrap().unwrap();
    assert_eq!(again.access_key_id, created.access_key_id);
    assert_eq!(again.secret.expose(), created.secret.expose());
    let of = |what, master: &String| (what, Some(Mode::Credentials), master.clone());
    assert_eq!(
        *heard.0.lock().unwrap(),
        [
            of(KeyUse::Wrap, &old),
            of(KeyUse::Roll, &new),
            of(KeyUse::Unwrap, &new)
        ]
    );
}

#[test]
fn what_cannot_be_noted_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    let random = SystemRandom::default();
    create(&path, &keyring, &random, &AuditContext::NONE).unwrap();
    keyring.roll(OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    let before = std::fs::read(&path).unwrap();
    let deaf = Heard(Mutex::default(), true);
    let context = AuditContext {
        audit: &deaf,
        actor: None,
    };
    for outcome in [
        read(&path, &keyring, &context).map(|_| ()),
        create(&path, &keyring, &random, &context).map(|_| ()),
        rewrap(&path, &keyring, &random, &context).map(|_| ()),
    ] {
        assert!(matches!(outcome, Err(RootCredentialsError::Audit(_))));
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// A rewrap must not overwrite credentials that were created after it read the old ones.
#[test]
fn changes_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    let random = SystemRandom::default();
    create(&path, &keyring, &random, &AuditContext::NONE).unwrap();
    keyring.roll(OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    let before = std::fs::read(&path).unwrap();
    let lock = private_file::lock(&path).unwrap();
    std::thread::scope(|scope| {
        let rewrapping = scope.spawn(|| rewrap(&path, &keyring, &random, &AuditContext::NONE));
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(!rewrapping.is_finished());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        drop(lock);
        assert_eq!(rewrapping.join().unwrap().unwrap(), Some(true));
    });
}

/// The master key that was current when the keyring was read may be deleted before it is used.
#[test]
fn new_credentials_are_under_the_master_key_that_is_current_when_they_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    let random = SystemRandom::default();
    let read_before = keyring(folder.path(), "keyring");
    let other = Keyring::read(&folder.path().join("keyring")).unwrap();
    let current = other.roll(OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    create(&path, &read_before, &random, &AuditContext::NONE).unwrap();
    assert_eq!(master(&path).unwrap(), Some(current));
}

#[test]
fn credentials_of_another_store_are_refused_until_they_are_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keyring) = (path(folder.path()), keyring(folder.path(), "keyring"));
    let random = SystemRandom::default();
    let read = || read(&path, &keyring, &AuditContext::NONE);
    // Before the keyring is used.
    create(&path, &keyring, &random, &AuditContext::NONE).unwrap();
    keyring.note_store([1; 16], &random).unwrap();
    assert!(read().unwrap().is_some());
    let created = create(&path, &keyring, &random, &AuditContext::NONE).unwrap();
    assert!(read().unwrap().is_some());

    keyring.note_store([2; 16], &random).unwrap();
    let error = read().err().unwrap();
    assert!(matches!(error, RootCredentialsError::OtherStore(_)), "{error}");
    adopt(&path, &keyring, &random, &AuditContext::NONE).unwrap();
    let adopted = read().unwrap().unwrap();
    assert_eq!(adopted.secret.expose(), created.secret.expose());

    // The id is not only written there.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&"02".repeat(16), &"00".repeat(16))).unwrap();
    let error = read().err().unwrap();
    assert!(matches!(error, RootCredentialsError::Damaged(_)), "{error}");
}
