use super::*;
use crate::{DataKey, ManifestKey, SystemRandom};

const PLACE: Place<'_> = Place {
    bucket: [1; 16],
    key: "a/key",
    content: [2; 16],
};

fn outer(byte: u8) -> OuterKey {
    OuterKey::from_bytes(&[byte; 32])
}

fn wrapped() -> (Envelope, [u8; 32]) {
    let random = SystemRandom::default();
    let data_key = DataKey::generate(&random).unwrap();
    let envelope = Envelope::wrap(&outer(7), "master-1", &data_key, Mode::S3, PLACE, &random).unwrap();
    (envelope, *data_key.expose())
}

#[test]
fn opens_with_the_right_key_in_its_place() {
    let (envelope, key) = wrapped();
    let read = Envelope::from_bytes(envelope.as_bytes()).unwrap();
    assert_eq!(read, envelope);
    assert_eq!(read.mode(), Mode::S3);
    assert_eq!(read.outer_id(), "master-1");
    assert_eq!(read.open::<DataKey>(&outer(7), PLACE).unwrap().expose(), &key);
}

#[test]
fn a_manifest_key_under_a_buckets_key_comes_back() {
    let random = SystemRandom::default();
    let key = ManifestKey::of(&DataKey::generate(&random).unwrap()).unwrap();
    let envelope = Envelope::wrap(&outer(7), "bucket", &key, Mode::Manifest, PLACE, &random).unwrap();
    let read = Envelope::from_bytes(envelope.as_bytes()).unwrap();
    assert_eq!(read.mode(), Mode::Manifest);
    assert_eq!(read.as_bytes()[MODE_AT], 19);
    assert_eq!(
        read.open::<ManifestKey>(&outer(7), PLACE).unwrap().expose(),
        key.expose()
    );
}

#[test]
fn another_key_is_the_wrong_key_in_any_place() {
    let (envelope, _) = wrapped();
    assert_eq!(
        envelope.open::<DataKey>(&outer(8), PLACE).err(),
        Some(Error::WrongKey)
    );
    let elsewhere = Place { key: "b", ..PLACE };
    assert_eq!(
        envelope.open::<DataKey>(&outer(8), elsewhere).err(),
        Some(Error::WrongKey)
    );
}

#[test]
fn another_place_is_damage() {
    let (envelope, _) = wrapped();
    for place in [
        Place {
            bucket: [9; 16],
            ..PLACE
        },
        Place { key: "a/ke", ..PLACE },
        Place { key: "", ..PLACE },
        Place {
            content: [9; 16],
            ..PLACE
        },
    ] {
        assert_eq!(
            envelope.open::<DataKey>(&outer(7), place).err(),
            Some(Error::Damaged("envelope"))
        );
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (envelope, _) = wrapped();
    for at in 0..envelope.as_bytes().len() * 8 {
        let mut bytes = envelope.as_bytes().to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        let opened = Envelope::from_bytes(&bytes).and_then(|e| e.open::<DataKey>(&outer(7), PLACE));
        assert!(opened.is_err(), "bit {at}");
    }
}

#[test]
fn every_cut_is_noticed() {
    let (envelope, _) = wrapped();
    for length in 0..envelope.as_bytes().len() {
        assert!(
            Envelope::from_bytes(&envelope.as_bytes()[..length]).is_err(),
            "{length}"
        );
    }
}

#[test]
fn rewrapping_keeps_the_data_key_and_excludes_the_old_outer_key() {
    let (envelope, key) = wrapped();
    let random = SystemRandom::default();
    let new = envelope
        .rewrap::<DataKey>(&outer(7), &outer(8), "", Mode::Customer, PLACE, &random)
        .unwrap();
    assert_eq!(new.mode(), Mode::Customer);
    assert_eq!(new.outer_id(), "");
    assert_eq!(new.open::<DataKey>(&outer(8), PLACE).unwrap().expose(), &key);
    assert_eq!(new.open::<DataKey>(&outer(7), PLACE).err(), Some(Error::WrongKey));
}

#[test]
fn an_unknown_suite_is_refused() {
    let (envelope, _) = wrapped();
    let mut bytes = envelope.as_bytes().to_vec();
    bytes[0] = 2;
    assert_eq!(Envelope::from_bytes(&bytes).err(), Some(Error::UnknownSuite(2)));
}
