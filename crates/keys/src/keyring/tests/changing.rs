//! Tests of rolling, retiring and renaming keys, also concurrently and under a running server.

use super::*;

fn refused<T>(outcome: Result<T, KeyringError>) -> ChangeError {
    match outcome.err().unwrap() {
        KeyringError::Change(refusal) => refusal,
        other => panic!("{other}"),
    }
}

fn states(keyring: &Keyring) -> Vec<MasterState> {
    keyring
        .list()
        .unwrap()
        .master
        .iter()
        .map(|key| key.state)
        .collect()
}

#[test]
fn a_rolled_keyring_wraps_with_the_new_key_and_opens_with_the_old() {
    let place = Setting::new();
    let keyring = place.create();
    let first = keyring.current_id().unwrap();
    let before = place.wrapped(&keyring);
    let second = keyring.roll(NOW, &place.random).unwrap();
    assert_eq!(keyring.current_id().unwrap(), second);
    assert_ne!(first, second);
    assert_eq!(states(&keyring), [MasterState::Active, MasterState::Current]);
    assert_eq!(keyring.list().unwrap().master[1].created, Created::at(NOW));
    let after = place.wrapped(&keyring);
    assert_eq!(after.0.outer_id(), second);
    for keyring in [&keyring, &Keyring::read(&place.path()).unwrap()] {
        assert!(opens(keyring, &before) && opens(keyring, &after));
    }
}

#[test]
fn a_running_server_loads_changes() {
    let place = Setting::new();
    let (serving, command) = (place.create(), Keyring::read(&place.path()).unwrap());
    assert!(!serving.reload().unwrap());
    let second = command.roll(NOW, &place.random).unwrap();
    let wrapped = place.wrapped(&command);
    assert!(!opens(&serving, &wrapped));
    assert!(serving.reload().unwrap());
    assert!(opens(&serving, &wrapped));
    assert_eq!(serving.current_id().unwrap(), second);
    assert!(!serving.reload().unwrap());
}

#[test]
fn a_file_that_cannot_be_loaded_leaves_the_keys_in_use() {
    let place = Setting::new();
    let serving = place.create();
    let wrapped = place.wrapped(&serving);
    let good = place.text();
    let other = Setting::new();
    other.create();
    for (file, what) in [
        (good.replace("default", "defaulu"), "altered"),
        (other.text(), "another root key"),
        (String::new(), "empty"),
    ] {
        place.write(file.as_bytes());
        assert!(serving.reload().is_err(), "{what}");
        assert!(opens(&serving, &wrapped), "{what}");
    }
    std::fs::remove_file(place.path()).unwrap();
    assert!(matches!(serving.reload(), Err(KeyringError::Missing(_))));
    assert!(opens(&serving, &wrapped));
    place.write(good.as_bytes());
    assert!(!serving.reload().unwrap());
}

/// An older file is genuine and sealed by the same root key, but lacks the key that wraps the newest data.
#[test]
fn a_file_that_lacks_a_key_in_use_is_not_loaded() {
    let changes: [fn(&Keyring, &Setting) -> String; 4] = [
        |keyring, place| keyring.roll(NOW, &place.random).unwrap(),
        |keyring, place| {
            keyring.roll(NOW, &place.random).unwrap();
            let second = keyring.roll(NOW, &place.random).unwrap();
            keyring.roll(NOW, &place.random).unwrap();
            keyring.retire(&second, &place.random).unwrap();
            keyring.list().unwrap().master[1].id.clone()
        },
        |keyring, place| version(&keyring.add_named("payroll", NOW, &place.random).unwrap()),
        |keyring, place| version(&keyring.roll_named("default", NOW, &place.random).unwrap()),
    ];
    for change in changes {
        let place = Setting::new();
        let serving = place.create();
        let older = place.text();
        let newer = change(&serving, &place);
        let listed = serving.list().unwrap();
        place.write(older.as_bytes());
        let lacks = |outcome: Result<(), KeyringError>| match outcome.unwrap_err() {
            KeyringError::NotASuccessor { key, .. } => assert_eq!(key, newer),
            other => panic!("{other}"),
        };
        lacks(serving.reload().map(|_| ()));
        lacks(serving.rename("default", "other", &place.random).map(|_| ()));
        assert_eq!(place.text(), older, "changed, and so in use");
        assert_eq!(serving.list().unwrap(), listed);
    }
}

/// An older file was restored, and a new version created under the number of a lost one.
#[test]
fn a_version_recreated_under_a_number_in_use_is_not_loaded() {
    let place = Setting::new();
    let serving = place.create();
    let older = place.text();
    let second = version(&serving.roll_named("default", NOW, &place.random).unwrap());
    let listed = serving.list().unwrap();
    place.write(older.as_bytes());
    let command = Keyring::read(&place.path()).unwrap();
    assert_eq!(
        version(&command.roll_named("default", NOW, &place.random).unwrap()),
        second
    );
    let error = serving.reload().unwrap_err();
    assert!(
        matches!(&error, KeyringError::NotASuccessor { key, .. } if *key == second),
        "{error}"
    );
    assert_eq!(serving.list().unwrap(), listed);
}

/// Returns the name of a version, as used in the file.
fn version(changed: &Changed) -> String {
    match changed {
        Changed::Named { id, version, .. } => format!("{id}/{version}"),
        Changed::Master { id } => panic!("{id} is a master key"),
    }
}

#[test]
fn a_master_key_goes_from_current_to_retired_and_back() {
    let place = Setting::new();
    let (keyring, random) = (place.create(), &place.random);
    let first = keyring.current_id().unwrap();
    let wrapped = place.wrapped(&keyring);
    assert_eq!(
        refused(keyring.retire(&first, random)),
        ChangeError::IsCurrent(first.clone())
    );
    keyring.roll(NOW, random).unwrap();
    assert_eq!(
        keyring.retire(&first, random).unwrap(),
        Changed::Master { id: first.clone() }
    );
    assert_eq!(states(&keyring), [MasterState::Retired, MasterState::Current]);
    assert!(opens(&keyring, &wrapped));
    assert!(matches!(
        refused(keyring.retire(&first, random)),
        ChangeError::Already { .. }
    ));
    keyring.revive(&first, random).unwrap();
    assert_eq!(states(&keyring), [MasterState::Active, MasterState::Current]);
    for id in [first, keyring.current_id().unwrap()] {
        assert!(matches!(
            refused(keyring.revive(&id, random)),
            ChangeError::Already { .. }
        ));
    }
    assert!(matches!(
        refused(keyring.retire("m-0", random)),
        ChangeError::NoSuchKey(_)
    ));
}

#[test]
fn only_a_retired_master_key_is_deleted() {
    let place = Setting::new();
    let (keyring, random) = (place.create(), &place.random);
    let first = keyring.current_id().unwrap();
    let refuses = |id: &str, refusal: fn(String) -> ChangeError| {
        assert_eq!(refused(keyring.must_be_retired(id)), refusal(id.to_owned()));
        assert_eq!(refused(keyring.delete_master(id, random)), refusal(id.to_owned()));
    };
    refuses(&first, ChangeError::NotRetired);
    let wrapped = place.wrapped(&keyring);
    let second = keyring.roll(NOW, random).unwrap();
    refuses(&first, ChangeError::NotRetired);
    keyring.retire(&first, random).unwrap();
    keyring.retire("default", random).unwrap();
    refuses("default", ChangeError::NotRetired);
    refuses("m-0", ChangeError::NoSuchKey);

    let serving = Keyring::read(&place.path()).unwrap();
    keyring.must_be_retired(&first).unwrap();
    keyring.delete_master(&first, random).unwrap();
    for keyring in [&keyring, &Keyring::read(&place.path()).unwrap()] {
        assert_eq!(states(keyring), [MasterState::Current]);
        assert_eq!(keyring.current_id().unwrap(), second);
        assert!(!opens(keyring, &wrapped));
    }
    refuses(&first, ChangeError::NoSuchKey);
    let error = serving.reload().unwrap_err();
    assert!(
        matches!(&error, KeyringError::NotASuccessor { key, .. } if *key == first),
        "a server of another store may need it: {error}"
    );
    assert!(opens(&serving, &wrapped));
}

#[test]
fn named_keys_are_created_renamed_rolled_disabled_and_enabled() {
    let place = Setting::new();
    let (keyring, random) = (place.create(), &place.random);
    let Changed::Named { id, label, version } = keyring.add_named("payroll", NOW, random).unwrap() else {
        panic!("a named key expected")
    };
    assert_eq!((label.as_str(), version), ("payroll", 1));
    assert!(id.starts_with("k-") && id.len() == 18);
    keyring.rename("alias/payroll", "wages", random).unwrap();
    let rolled = keyring.roll_named("wages", NOW, random).unwrap();
    let expected = Changed::Named {
        id: id.clone(),
        label: "wages".to_owned(),
        version: 2,
    };
    assert_eq!(rolled, expected);
    keyring.retire(&id, random).unwrap();
    assert!(matches!(
        refused(keyring.retire("wages", random)),
        ChangeError::Already { .. }
    ));
    let list = Keyring::read(&place.path()).unwrap().list().unwrap();
    assert_eq!(list, keyring.list().unwrap());
    assert_eq!(list.kms[1].state, NamedState::Disabled);
    assert_eq!(list.kms[1].versions.len(), 2);
    keyring.revive("wages", random).unwrap();
    assert_eq!(keyring.list().unwrap().kms[1].state, NamedState::Enabled);
}

#[test]
fn a_master_key_is_not_rolled_by_its_name() {
    let place = Setting::new();
    let keyring = place.create();
    let master = keyring.current_id().unwrap();
    let error = refused(keyring.roll_named(&master, NOW, &place.random));
    assert_eq!(error, ChangeError::NoVersions(master.clone()));
    assert!(
        error.to_string().contains("strongroom keys roll without a key"),
        "{error}"
    );
    assert_eq!(keyring.current_id().unwrap(), master);
}

#[test]
fn labels_are_unique_and_never_look_like_ids() {
    let place = Setting::new();
    let (keyring, random) = (place.create(), &place.random);
    let master = keyring.current_id().unwrap();
    for label in [
        "default",
        "",
        "k-1",
        "m-1",
        "a/b",
        "a b",
        "arn:x",
        "ä",
        &"x".repeat(65),
    ] {
        let refusal = refused(keyring.add_named(label, NOW, random));
        assert!(
            matches!(refusal, ChangeError::Label(_) | ChangeError::LabelInUse { .. }),
            "{label}"
        );
    }
    keyring.add_named(&"x".repeat(64), NOW, random).unwrap();
    keyring.add_named("A.b_c-1", NOW, random).unwrap();
    assert!(matches!(
        refused(keyring.rename("default", "A.b_c-1", random)),
        ChangeError::LabelInUse { .. }
    ));
    keyring.rename("default", "default", random).unwrap();
    assert_eq!(
        refused(keyring.rename(&master, "x", random)),
        ChangeError::NoLabel(master)
    );
    assert!(matches!(
        refused(keyring.rename("nobody", "x", random)),
        ChangeError::NoSuchKey(_)
    ));
}

/// Eight processes change the file at once, each based on the state it read at the beginning: no change is lost.
#[test]
fn concurrent_changes_all_take_effect() {
    let place = Setting::new();
    place.create();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let place = &place;
            scope.spawn(move || {
                let keyring = Keyring::read(&place.path()).unwrap();
                keyring
                    .add_named(&format!("key.{number}"), NOW, &place.random)
                    .unwrap();
                keyring.roll(NOW, &place.random).unwrap();
            });
        }
    });
    let list = Keyring::read(&place.path()).unwrap().list().unwrap();
    assert_eq!((list.kms.len(), list.master.len()), (9, 9));
    let current = list.master.iter().filter(|key| key.state == MasterState::Current);
    assert_eq!(current.count(), 1);
}

#[test]
fn without_randomness_the_file_is_unchanged() {
    struct NoRandom;
    impl Random for NoRandom {
        fn fill(&self, _: &mut [u8]) -> strongroom_seal::Result<()> {
            Err(strongroom_seal::Error::Random)
        }
    }
    let place = Setting::new();
    let keyring = place.create();
    let before = place.text();
    assert!(keyring.roll(NOW, &NoRandom).is_err());
    assert!(keyring.retire("default", &NoRandom).is_err());
    assert_eq!(place.text(), before);
    assert!(Keyring::create(&place.folder.path().join("other"), &NoRandom).is_err());
    assert!(!place.folder.path().join("other").exists());
}
