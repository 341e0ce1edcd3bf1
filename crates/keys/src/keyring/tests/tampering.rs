//! Tests that changes to the file by anyone without the root key are detected.

use super::*;
use crate::keyring::document::Document;
use proptest::prelude::*;
use strongroom_seal::keyring::Fingerprint;

/// Creates a keyring with two master keys and two named keys, one of which has two versions and is disabled.
fn furnished(place: &Setting) -> Keyring {
    let (keyring, random) = (place.create(), &place.random);
    keyring.roll(NOW, random).unwrap();
    keyring.add_named("payroll", NOW, random).unwrap();
    keyring.roll_named("payroll", NOW, random).unwrap();
    keyring.retire("payroll", random).unwrap();
    keyring
}

#[test]
fn every_changed_byte_is_noticed() {
    let place = Setting::new();
    furnished(&place);
    let good = place.text().into_bytes();
    for at in 0..good.len() {
        for bit in [0, 5] {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            place.write(&changed);
            assert!(Keyring::read(&place.path()).is_err(), "byte {at}, bit {bit}");
        }
    }
    place.write(&good);
    Keyring::read(&place.path()).unwrap();
}

#[test]
fn every_cut_and_every_addition_is_noticed() {
    let place = Setting::new();
    place.create();
    let good = place.text();
    for length in 0..good.len() {
        place.write(&good.as_bytes()[..length]);
        assert!(Keyring::read(&place.path()).is_err(), "{length} bytes");
    }
    for changed in [
        format!("{good}\n"),
        format!("\n{good}"),
        good.replace('\n', "\r\n"),
    ] {
        place.write(changed.as_bytes());
        assert!(Keyring::read(&place.path()).is_err());
    }
}

/// Changes that an attacker could make: each is well-formed, and refused as altered.
#[test]
fn meaningful_edits_are_reported_as_tampering() {
    let place = Setting::new();
    furnished(&place);
    let good = place.text();
    for (from, to) in [
        ("state = \"disabled\"", "state = \"enabled\""),
        ("name = \"payroll\"", "name = \"default2\""),
        ("state = \"active\"", "state = \"retired\""),
        ("# Strongroom", "# strongroom"),
    ] {
        assert!(good.contains(from), "{from}");
        place.write(good.replace(from, to).as_bytes());
        assert!(matches!(place.refusal(), KeyringError::Altered(_)), "{from}");
    }
    let swapped = good
        .replace("\"active\"", "\"x\"")
        .replace("\"current\"", "\"active\"");
    place.write(swapped.replace("\"x\"", "\"current\"").as_bytes());
    assert!(matches!(place.refusal(), KeyringError::Altered(_)));
}

type Change<'a> = &'a dyn Fn(&mut Document);

/// With the root key the check can be recomputed: then the invariants of a keyring must still hold.
#[test]
fn entries_cannot_be_exchanged_even_under_a_right_check() {
    let place = Setting::new();
    let keyring = furnished(&place);
    let snapshot = keyring.snapshot();
    let root = snapshot.root.as_ref().unwrap();
    let resealed = |change: &dyn Fn(&mut Document)| {
        let mut document = snapshot.content.seal(root, &place.random).unwrap();
        change(&mut document);
        place.write(document.text(root).unwrap().as_bytes());
        Keyring::read(&place.path())
    };
    resealed(&|_| {}).unwrap();
    let changes: [(&str, Change<'_>); 8] = [
        ("keys of two master keys", &|document| {
            let (one, two) = document.master.split_at_mut(1);
            std::mem::swap(&mut one[0].sealed, &mut two[0].sealed);
            std::mem::swap(&mut one[0].fingerprint, &mut two[0].fingerprint);
        }),
        ("versions of a named key", &|document| {
            let (one, two) = document.kms[1].version.split_at_mut(1);
            std::mem::swap(&mut one[0].sealed, &mut two[0].sealed);
            std::mem::swap(&mut one[0].fingerprint, &mut two[0].fingerprint);
        }),
        ("fingerprint", &|document| document.master[0].fingerprint[0] ^= 1),
        ("two current keys", &|document| {
            document.master[0].state = MasterState::Current;
        }),
        ("no current key", &|document| {
            document.master[1].state = MasterState::Active;
        }),
        ("the same label twice", &|document| {
            "default".clone_into(&mut document.kms[1].name);
        }),
        ("no version", &|document| document.kms[0].version.clear()),
        ("versions out of order", &|document| {
            document.kms[1].version.swap(0, 1);
        }),
    ];
    for (what, change) in changes {
        let error = resealed(change).err();
        assert!(
            matches!(error, Some(KeyringError::Invalid { .. })),
            "{what}: {error:?}"
        );
    }
}

#[test]
fn a_key_sealed_for_another_purpose_is_refused() {
    let place = Setting::new();
    let keyring = place.create();
    let snapshot = keyring.snapshot();
    let root = snapshot.root.as_ref().unwrap();
    let mut document = snapshot.content.seal(root, &place.random).unwrap();
    let (id, key) = (document.master[0].id.clone(), &snapshot.content.masters[0].key);
    let at = Place {
        key: &id,
        ..Place::STORE
    };
    let other = Envelope::wrap::<OuterKey>(&root.key, "", key, Mode::Bucket, at, &place.random).unwrap();
    document.master[0].sealed = other.as_bytes().to_vec();
    document.master[0].fingerprint = *Fingerprint::of::<OuterKey>(key).unwrap().as_bytes();
    place.write(document.text(root).unwrap().as_bytes());
    assert!(matches!(place.refusal(), KeyringError::Invalid { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Replaces any run of bytes by any other.
    #[test]
    fn any_overwritten_run_is_noticed(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..40)) {
        let place = Setting::new();
        place.create();
        let good = place.text().into_bytes();
        let at = at.index(good.len());
        let mut changed = good.clone();
        let end = (at + with.len()).min(good.len());
        changed.splice(at..end, with);
        prop_assume!(changed != good);
        place.write(&changed);
        prop_assert!(Keyring::read(&place.path()).is_err());
    }
}
